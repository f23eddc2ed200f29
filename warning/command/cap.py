"""`raksa cap WHAT`: messages, chains and feeds of the Common Alerting Protocol from outside, judged.

Each of them is one file here, `cap_<what>.py` with `add(parsers)`.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

SUBJECTS = ("check", "chain", "feed")


def add(parsers: Any) -> None:
    parser = parsers.add_parser("cap", help="judge CAP messages, chains of messages and feeds of others")
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="WHAT")
    for name in SUBJECTS:
        module = f"{__package__}.cap_{name}"
        if find_spec(module) is not None:
            import_module(module).add(subjects)
