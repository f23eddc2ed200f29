"""The command line: `raksa`, the same as `python -m warning`. Each command is one file with `add(parsers)`."""

import argparse
import os
import sys
from importlib import import_module
from io import TextIOWrapper

from geo.errors import ConfigError, NotAllowed

COMMANDS = (
    "run",
    "demo",
    "check",
    "read",
    "cap",
    "geo",
    "rules",
    "people",
    "users",
    "audit",
    "bench",
    "agent",
    "clips",
    "hindcast",
    "trouble",
    "line",
)
BESIDE = {
    "web": "run",
    "clock": "run",
    "worker": "run",
    "poll": "read",
}  # commands that stand in another's file


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code says how it went (2: the configuration or the call cannot be read)."""
    parser = argparse.ArgumentParser(
        prog="raksa", description="Raksa (รักษา): warn, reach, send, help, account."
    )
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    given = "".join((sys.argv[1:] if arguments is None else arguments)[:1])
    wanted = BESIDE.get(given, given)
    for name in [wanted] if wanted in COMMANDS else COMMANDS:  # who reads a file need not wait for all others
        import_module(f"warning.command.{name}").add(parsers)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(
                encoding="utf-8"
            )  # as JSON and Thai need it, whatever the terminal calls its own
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.call(chosen))
    except BrokenPipeError:  # whoever reads has seen enough: `raksa read ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ConfigError, NotAllowed) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
