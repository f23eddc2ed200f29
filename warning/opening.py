"""Opening the office: configuration, keys, map and database, in the order in which a fault is easiest to understand."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

from geo.areas import load_areas
from geo.errors import ConfigError
from geo.sealed import Keyring
from warning.alert import Mode
from warning.cap.sign import Signer
from warning.clock import Clock, WallClock
from warning.config import Config, load
from warning.office import Office
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate
from warning.writing import SENDER

DEFAULT_CONFIG = Path("config.yaml")


def var_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this office keeps its data: RAKSA_VAR, or `var` here."""
    return Path(environment.get("RAKSA_VAR", "var"))


@contextmanager
def open_database(var: Path, url: str | None) -> Iterator[Database]:
    """The server of `url`, or the embedded one under `var`; migrated, and put away afterwards.

    Raises ConfigError for an address that is none, and for a server that does not answer at the start.
    """
    server = None if url else EmbeddedPostgres(var)
    database = Database.connect(url or (server.url if server else ""))
    try:
        try:
            migrate(database)
        except OperationalError as error:
            why = str(error.orig).splitlines()[0]
            raise ConfigError(
                f"the database does not answer ({why}); start it, or mend DATABASE_URL"
            ) from error
        yield database
    finally:
        database.close()
        if server:
            server.stop()


@contextmanager
def open_office(
    config: Config | Path,
    *,
    mode: Mode = Mode.ACTUAL,
    clock: Clock | None = None,
    var: Path | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Office]:
    """An office ready to work. Raises ConfigError before anything is started when the configuration is not right."""
    settings = load(config, environment) if isinstance(config, Path) else config
    folder = var or var_folder(environment)
    keyring = Keyring.load(folder / "keys" / "keyring.json")
    clock = clock or WallClock()
    given = environment.get("RAKSA_CAP_KEY")
    signer = Signer.load(folder / "keys", SENDER, clock.now(), Path(given) if given else None)
    areas = load_areas(folder / "geo")
    url = (
        environment.get("DATABASE_URL")
        if mode is Mode.ACTUAL
        else environment.get("RAKSA_EXERCISE_DATABASE_URL")
    )
    with open_database(folder, url) as database:
        yield Office(settings, database, clock, keyring, areas, mode, signer=signer, var=folder)
