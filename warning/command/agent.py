"""`raksa agent`: the reference controller of one village loudspeaker; `--for DEVICE`, at the office: the settings of a new one."""

import argparse
import os
from pathlib import Path
from typing import Any

from geo.errors import ConfigError


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "agent", help="be the controller of one village loudspeaker (docs/channels/agent.md)"
    )
    parser.add_argument("--config", type=Path, default=Path("agent.yaml"))
    parser.add_argument(
        "--for",
        dest="device",
        metavar="DEVICE",
        help="at the office: give a device new keys and print its agent.yaml",
    )
    parser.add_argument(
        "--office", type=Path, default=Path("config.yaml"), help="with --for: the office's settings"
    )
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    if chosen.device:
        return _give(chosen.device, chosen.office)
    from warning.agent.start import start  # only here: an office is no controller

    return start(chosen.config)


def _give(device: str, config: Path) -> int:
    """Prints keys: into a file of mode 0600, and nowhere else."""
    from channels.village_pa import VillagePa
    from geo.sealed import Keyring
    from warning.config import load
    from warning.opening import open_database, var_folder
    from warning.store.running_server import running_url
    from warning.tower_key import test_master
    from warning.tower_provision import provision

    var = var_folder()
    settings = load(config, os.environ)
    url = os.environ.get("DATABASE_URL") or running_url(var)
    if url is None and not (var / "keys" / "keyring.json").exists():
        raise ConfigError("there is no office here yet: start it once with `raksa run`")
    channel = next((c for c in settings.channels if isinstance(c, VillagePa)), None)
    clips_url = str(settings.office.public_url).rstrip("/") if settings.office.public_url else None
    keyring = Keyring.load(var / "keys" / "keyring.json")
    with open_database(var, url) as database, database.session() as session:
        session.info["actor"] = "command line"
        print(provision(session, keyring, device, test_master(var, os.environ), channel, clips_url), end="")
    return 0
