"""`raksa bench [PHASE]`: figures with their peers and the oracle's verdict.

From a checkout only: bench/ is not in the wheel.
"""

import argparse
import importlib.util
import json
from typing import Any

from geo.errors import ConfigError


def add(parsers: Any) -> None:
    parser = parsers.add_parser("bench", help="measure, with peers in the same run (from a checkout)")
    parser.add_argument("phase", nargs="*", help="which phases; all when none is named")
    parser.add_argument("--json", action="store_true", help="only the JSON, for machines")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer runs; not for quoting")
    parser.add_argument("--recipients", type=int, help="how many are told, of fanout, urgent and scale")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    """0: every oracle agreed; 1: at least one result was wrong, and its speed is not printed."""
    if importlib.util.find_spec("bench") is None:
        raise ConfigError("bench/ is not here: run this from a checkout of the project")
    from bench.harness import measure

    rows = measure(
        chosen.phase, quick=chosen.quick, tell=None if chosen.json else print, recipients=chosen.recipients
    )
    if chosen.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    return 0 if all(row["oracle"] == "right" for row in rows) else 1
