"""`raksa clips`: the phrases that loudspeakers and telephone calls are put together from. Works beside a running office."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session

from geo.errors import ConfigError, NotAllowed
from geo.sealed import Keyring
from warning.clock import WallClock
from warning.opening import open_database, var_folder
from warning.speech.clip import ClipLang, keep, keep_tones
from warning.speech.shelf import minutes_missing, phrase_named, shelf
from warning.store.running_server import running_url

ACTOR = "command line"


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("clips", help="recorded phrases of loudspeakers and calls").add_subparsers(
        dest="verb", required=True
    )
    listing = verbs.add_parser("list", help="every phrase of the office with its clip; most needed first")
    listing.add_argument("--missing", action="store_true", help="only those nobody has recorded")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(call=show)
    taking = verbs.add_parser("add", help="take a recording of one phrase (WAV; others through ffmpeg)")
    taking.add_argument("file", type=Path)
    taking.add_argument("--phrase", required=True, help="its exact words, as `list` writes them")
    taking.add_argument("--speaker", required=True, help="whose voice it is; kept sealed")
    taking.set_defaults(call=take)
    for parser in (listing, taking):
        parser.add_argument("--lang", type=ClipLang, choices=list(ClipLang), default=ClipLang.TH)
    verbs.add_parser("tones", help="take in the computed tones that are missing").set_defaults(call=tones)


@contextmanager
def _library() -> Iterator[Session]:
    url = os.environ.get("DATABASE_URL") or running_url(var_folder())
    with open_database(var_folder(), url) as database, database.session() as session:
        session.info["actor"] = ACTOR
        yield session


def show(chosen: argparse.Namespace) -> int:
    """0: nothing is missing; 1: something is. JSON: `[{phrase, group, kind, clip, seconds}]`, seconds estimated without a clip."""
    with _library() as session:
        lines = shelf(session, var_folder(), chosen.lang)
        missing = [line for line in lines if line.clip is None]
        shown = missing if chosen.missing else lines
        if chosen.json:
            told = [
                {
                    "phrase": line.phrase.text, "group": line.phrase.group.name.lower(), "kind": line.phrase.kind.value,
                    "clip": line.clip.sha256 if line.clip else None, "seconds": round(line.seconds, 1),
                }
                for line in shown
            ]  # fmt: skip
            print(json.dumps(told, ensure_ascii=False, indent=1))
            return int(bool(missing))
        for line in shown:
            mark = line.clip.sha256[:12] if line.clip else "-" * 12
            print(f"{mark}  {line.phrase.group.name.lower():<8} {line.seconds:5.1f} s  {line.phrase.text}")
        minutes = minutes_missing(lines)
    print(
        f"ขาด {len(missing)} จาก {len(lines)} วลี ราว {minutes:.0f} นาทีของเสียงพูด / "
        f"{len(missing)} of {len(lines)} phrases missing, about {minutes:.0f} min of speech"
    )
    return int(bool(missing))


def take(chosen: argparse.Namespace) -> int:
    try:
        body = chosen.file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{chosen.file}: cannot be read ({error.strerror})") from error
    with _library() as session:
        phrase = phrase_named(shelf(session, var_folder(), chosen.lang), chosen.phrase)
        if phrase is None:
            raise NotAllowed(f"ไม่มีวลีนี้ในรายการ: {chosen.phrase} (no such phrase; see `raksa clips list`)")
        keyring = Keyring.load(var_folder() / "keys" / "keyring.json")
        clip = keep(
            session, var_folder(), phrase, chosen.lang, body, speaker=chosen.speaker, source="uploaded", keyring=keyring,
            now=WallClock().now(), actor=ACTOR,
        )  # fmt: skip
        print(f"{clip.sha256}  {clip.seconds:.1f} s  {clip.phrase}")
    return 0


def tones(chosen: argparse.Namespace) -> int:
    with _library() as session:
        taken = keep_tones(session, var_folder(), WallClock().now(), ACTOR)
    print(f"เพิ่มเสียงสัญญาณ {taken} เสียง / {taken} tones taken in")
    return 0
