"""The embedded server comes up over whatever its last night left behind."""

import os
import tempfile
from pathlib import Path

import pytest

from warning.store.embedded import EmbeddedPostgres


@pytest.mark.parametrize("left", [str(os.getpid()), "999999999", "", "not a number"],
                         ids=["another's number", "nobody's number", "empty", "torn"])  # fmt: skip
def test_a_dead_servers_note_is_not_believed(left: str) -> None:
    """After a power cut: the note still names a process, by then anybody's."""
    with tempfile.TemporaryDirectory(prefix="raksa-test-", dir="/tmp") as folder:
        server = EmbeddedPostgres(Path(folder), fast_and_loose=True)
        note = Path(folder) / "pg" / "postmaster.pid"
        told = note.read_text().split("\n")
        server.stop()
        note.write_text("\n".join([left, *told[1:]]) if left else "")
        again = EmbeddedPostgres(Path(folder), fast_and_loose=True)
        try:
            assert again._server.psql("SELECT 1;").count("1")
        finally:
            again.stop()
