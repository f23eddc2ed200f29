"""`raksa cap chain DIR... --json`: play the arrivals of a folder and say what stood when."""

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from geo.errors import ConfigError
from warning.cap.lifecycle import Arrival, Book


def add(parsers: Any) -> None:
    parser = parsers.add_parser(
        "chain", help="play messages in the order they arrived: what ends what, what is in force"
    )
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="DIR", help="holds expected.json and the messages"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a folder")
    parser.set_defaults(call=chain)


def chain(chosen: argparse.Namespace) -> int:
    """0: every folder was played. Raises ConfigError where a folder cannot be read."""
    for folder in chosen.folders:
        played = play(folder)
        print(json.dumps(played, ensure_ascii=False) if chosen.json else _lines(played))
    return 0


def play(folder: Path) -> dict[str, Any]:
    """The folder's arrivals with what became of each, and its states as computed. Of expected.json only `file`, `received`
    and `via` of the arrivals and `at` of the states are read."""
    try:
        told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        arrivals = [
            (a["file"], datetime.fromisoformat(a["received"]), a.get("via")) for a in told["arrivals"]
        ]
        moments = [(s["at"], datetime.fromisoformat(s["at"])) for s in told.get("states", [])]
        book = Book()
        made = [
            _arrival(file, received, via, book.arrive((folder / file).read_bytes(), received))
            for file, received, via in arrivals
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{folder}: expected.json with arrivals (file, received) and states (at) is needed: {error}"
        ) from error
    states = [{"at": text, **book.at(moment)._asdict()} for text, moment in moments]
    return {"case": folder.name, "arrivals": made, "states": states}


def _arrival(file: str, received: datetime, via: str | None, became: Arrival) -> dict[str, Any]:
    said = {"file": file, "received": received.isoformat(), "via": via, "expect": became.expect}
    reasons = [{"code": reason.code, "text": reason.text.en} for reason in became.reasons]
    return said | ({"reasons": reasons} if reasons else {})


def _lines(played: dict[str, Any]) -> str:
    lines = [played["case"]]
    lines += [f"  {a['received']}  {a['file']}: {a['expect']}" for a in played["arrivals"]]
    for state in played["states"]:
        active = ", ".join(state["active"]) or "-"
        ended = f", ended by {state['ended_by']}" if state["ended_by"] else ""
        lines.append(
            f"  {state['at']}  in force: {active}; {state['severity'] or '-'}; events {state['events']}{ended}"
        )
    return "\n".join(lines)
