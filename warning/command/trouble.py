"""`raksa trouble SCRIPT`: a night in which everything goes wrong as a script says, and whether the ledger told the truth."""

import argparse
import json
import logging
import tempfile
from pathlib import Path
from typing import Any


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "trouble", help="an exercise in which gateways, workers and the database fail as a script says"
    )
    parser.add_argument("script", type=Path, help="YAML; docs/trouble.md tells how one is written")
    parser.add_argument("--json", action="store_true", help="for machines: one object")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    """0: nobody lost, nobody told twice, the totals add up; 1: something is wrong and is named; 2: the script cannot be read."""
    from warning.trouble.night import play  # only this command brings the simulated world
    from warning.trouble.script import read_script

    logging.basicConfig(level=logging.CRITICAL)
    script = read_script(chosen.script)
    with tempfile.TemporaryDirectory(prefix="raksa-trouble-", ignore_cleanup_errors=True) as folder:
        told = play(script, Path(folder), lambda words: None if chosen.json else print(words, flush=True))
    print(json.dumps(told, ensure_ascii=False) if chosen.json else _in_words(told))
    return 0 if told["right"] else 1


def _in_words(told: dict[str, Any]) -> str:
    lines = [
        f"{told['seconds']} s, {told['workers_killed']} workers killed, {told['reports_lost_on_purpose']} reports lost on purpose"
    ]
    for name, channel in told["channels"].items():
        states = ", ".join(f"{state} {n}" for state, n in sorted(channel["states"].items()))
        arrived = f"{channel['arrived']} really arrived, {channel['told_twice']} twice"
        lines.append(f"{name}: {channel['registered']} addresses, {arrived}; ledger: {states}")
    homes = told["coverage"]["households"]
    lines.append(
        f"homes: {homes['reached']} reached, {homes['waiting']} waiting, {homes['unreached']} unreached of {homes['total']}"
    )
    lines.append(f"audit: {told['audit']['entries']} entries, {'whole' if told['audit']['ok'] else 'BROKEN'}")
    lines += [f"WRONG: {why}" for why in told["why"]] or [
        "right: nobody lost, nobody told twice, the totals add up"
    ]
    return "\n".join(lines)
