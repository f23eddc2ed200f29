"""Pages without a password: the village head's, and the alert as anybody may read it."""
