"""`raksa cap feed FILE...`: which messages does this feed offer, can it be used, and if not, what is it?"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from sources.cap_apart import Apart
from sources.cap_index import VALID, Entry, Reason
from sources.cap_xml import LARGEST
from warning.cap.feed_apart import Inside, ReadFeed, read_apart

_THAI = {"valid": "ใช้ได้", "invalid": "ใช้เป็นฟีดไม่ได้"}


def add(parsers: Any) -> None:
    parser = parsers.add_parser("feed", help="entries, links and verdict of Atom, RSS and EDXL-DE")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="a line of JSON a file")
    parser.add_argument("--url", help="where the feed was fetched from: what relative links are relative to")
    parser.set_defaults(call=feed)


def feed(chosen: argparse.Namespace) -> int:
    """0: every feed can be used (an empty one can); 1: at least one cannot; 2: a file cannot be read."""
    code = 0
    with Apart() as apart:
        for file in chosen.files:
            try:
                with file.open("rb") as opened:
                    body = opened.read(LARGEST + 1)  # one more tells that it is too large
            except OSError as error:
                print(f"{file}: อ่านไม่ได้ / cannot be read ({error.strerror})", file=sys.stderr)
                code = 2
                continue
            said = read_apart(apart, body, chosen.url)
            print(
                json.dumps(told(file, said), ensure_ascii=False) if chosen.json else _lines(file, said),
                flush=True,
            )
            code = code or (0 if said.feed.verdict == VALID else 1)
    return code


def told(file: Path, said: ReadFeed) -> dict[str, Any]:
    """The line of one file. `links` are those of messages, each once; `entries` holds unusable ones too, with reasons."""
    feed = said.feed
    messages = said.inside or ((),) * len(feed.entries)
    return {
        "file": str(file),
        "format": feed.format,
        "verdict": feed.verdict,
        "reasons": _reasons(feed.reasons),
        "id": feed.id,
        "title": feed.title,
        "updated": feed.updated,
        "self": feed.self_link,
        "hub": feed.hub,
        "count": len(feed.entries),
        "entries": [_entry(entry, inside) for entry, inside in zip(feed.entries, messages, strict=True)],
        "links": list(feed.links),
    }


def _entry(entry: Entry, inside: tuple[Inside, ...]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "updated": entry.updated,
        "link": entry.link,
        "cap_link": entry.cap_link,
        "embedded": len(entry.alerts),
        "messages": [
            one.told | {"verdict": one.said.verdict, "reasons": [r.code for r in one.said.reasons]}
            for one in inside
        ],
        "usable": entry.is_usable,
        "reasons": _reasons(entry.reasons),
    }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{"code": r.code, "text": f"{r.th} ({r.en})"} for r in reasons]


def _lines(file: Path, said: ReadFeed) -> str:
    feed = said.feed
    why = "; ".join(f"{r.th} / {r.en} ({r.code})" for r in feed.reasons)
    head = (
        f"{file}: {_THAI[feed.verdict]} / {feed.verdict}, {feed.format}, {len(feed.entries)} รายการ / entries"
    )
    lines = [head + (f": {why}" if why else "")]
    for entry in feed.entries:
        where = entry.cap_link or (f"{len(entry.alerts)} ในฟีด / in the feed" if entry.alerts else "-")
        marks = ", ".join(r.code for r in entry.reasons)
        lines.append(f"  {entry.title or entry.id or '-'}: {where}" + (f" ({marks})" if marks else ""))
    return "\n".join(lines)
