"""The office's key for tests of loudspeakers: apart from every key that can warn anybody."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from geo.errors import ConfigError

FILE = "pa_test.key"
SHORTEST = 16


def test_master(var: Path, environment: Mapping[str, str]) -> str:
    """RAKSA_PA_TEST_KEY, or `keys/pa_test.key` under `var`, made at the first start (0600).

    Raises ConfigError when it is too short, or the file can be read by others.
    """
    given = environment.get("RAKSA_PA_TEST_KEY")
    if given is not None:
        return _long_enough(given, "RAKSA_PA_TEST_KEY")
    path = var / "keys" / FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another worker was first
            return test_master(var, environment)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`")
    return _long_enough(path.read_text().strip(), str(path))


def _long_enough(key: str, where: str) -> str:
    if len(key) < SHORTEST:
        raise ConfigError(f"{where}: a key of at least {SHORTEST} characters")
    return key
