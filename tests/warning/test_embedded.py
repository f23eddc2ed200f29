"""The embedded server comes up over whatever its last night left behind."""

import os
import socket
import tempfile
from contextlib import suppress
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


def test_it_comes_back_after_a_crash_beside_another_server() -> None:
    """It listens on no port, before and after: the machine's own PostgreSQL has the usual one."""
    with tempfile.TemporaryDirectory(prefix="raksa-test-", dir="/tmp") as folder, socket.socket() as other:
        with suppress(OSError):  # there is one on this machine
            other.bind(("127.0.0.1", 5432))
            other.listen()
        server = EmbeddedPostgres(Path(folder), fast_and_loose=True)
        try:
            server.crash_and_return(0.1)
            assert server._server.psql("SHOW listen_addresses;").split("\n")[2].strip() == ""
        finally:
            server.stop()
