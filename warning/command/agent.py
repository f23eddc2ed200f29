"""`raksa agent`: the reference controller of one village loudspeaker, on the box beside the amplifier."""

import argparse
from pathlib import Path
from typing import Any


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "agent", help="be the controller of one village loudspeaker (docs/channels/agent.md)"
    )
    parser.add_argument("--config", type=Path, default=Path("agent.yaml"))
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from warning.agent.start import start  # only here: an office is no controller

    return start(chosen.config)
