"""CAP 1.2: our alerts written as the standard wants them, and read again. Pure functions over bytes."""
