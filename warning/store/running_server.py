"""The embedded server of an office at work: a command looks in by the same door, and leaves it at work."""

import os
from pathlib import Path
from urllib.parse import quote


def running_url(var: Path) -> str | None:
    """Where the embedded server of this folder listens now, by its own postmaster.pid; None when it is not running."""
    try:
        lines = (var / "pg" / "postmaster.pid").read_text().splitlines()
        pid, port, sockets = int(lines[0]), int(lines[3]), lines[4].strip()
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    where = f"host={quote(sockets, safe='')}" if sockets else "host=127.0.0.1"
    return f"postgresql+psycopg://postgres@/postgres?{where}&port={port}"
