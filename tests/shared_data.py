"""Real boundaries, payloads and series kept beside the project; tests that read them skip where they are absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("RAKSA_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared_data(relative: str) -> Path:
    """The path of one shared file or folder; skips the test, saying so, where it is absent."""
    path = ROOT / relative
    if not path.exists():
        pytest.skip(f"shared data not here: {relative}")
    return path
