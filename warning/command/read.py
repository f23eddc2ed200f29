"""`raksa read KIND FILE...`: what a reader makes of a kept payload. `raksa poll NAME`: ask one configured source once."""

import argparse
import json
import os
import sys
from math import isfinite
from pathlib import Path
from typing import Any

import requests

from geo.areas import load_areas
from geo.errors import ConfigError
from sources.contract import Source, SourceChanged, SourceUnavailable
from sources.envelope import unpacked
from sources.kinds import kinds
from sources.looks import advice, look
from sources.reading import lines, locate, to_lines
from warning.clock import WallClock
from warning.config import load
from warning.opening import DEFAULT_CONFIG, var_folder


def add(parsers: Any) -> None:
    reading = parsers.add_parser(
        "read", help="read a payload of a feed from files: JSON lines, then the rejected rows"
    )
    reading.add_argument("kind")
    reading.add_argument("files", nargs="*", type=Path)
    reading.add_argument("--name", default="", help="as this entry of the config says: its fields, its units")
    reading.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="where --name stands")
    reading.set_defaults(call=read)
    polling = parsers.add_parser("poll", help="ask one source of config.yaml once and print what it says")
    polling.add_argument("name")
    polling.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    polling.set_defaults(call=poll)


def read(chosen: argparse.Namespace) -> int:
    """0: every file was read; 1: at least one could not be, or none of its rows; 2: one is not there."""
    if not chosen.files:
        raise ConfigError(_kind_is_missing(Path(chosen.kind)))
    at = load_areas(var_folder() / "geo").at
    entry = _entry(chosen.config, chosen.kind, chosen.name) if chosen.name else None
    failed = 0
    for file in chosen.files:
        try:
            body = file.read_bytes()
        except OSError as error:
            print(f"{file}: cannot be read ({error.strerror})", file=sys.stderr)
            failed = 2
            continue
        try:
            body = unpacked(body)
            good, bad = lines(chosen.kind, body, None, at, WallClock().now(), entry)
        except ConfigError as error:  # no such kind, or one that reads nothing by itself
            raise ConfigError("\n".join(filter(None, (str(error), advice(body, chosen.kind))))) from error
        except SourceChanged as error:
            print(f"{file}: {error}", file=sys.stderr)
            _advise(body, chosen.kind)
            failed = failed or 1
            continue
        _print(good, bad)
        if bad and not good:
            print(
                f"{file}: อ่านไม่ได้ทั้ง {len(bad)} แถว / none of its {len(bad)} rows could be read",
                file=sys.stderr,
            )
            _advise(body, chosen.kind)
            failed = failed or 1
    return failed


def _entry(config: Path, kind: str, name: str) -> Source:
    """The source of this name, on or off. Raises ConfigError: there is none, or it is of another kind."""
    source = next((s for s in load(config, os.environ).sources if s.name == name), None)
    if source is None:
        raise ConfigError(f"{config}: no source is called {name}, or it cannot be made yet: raksa check")
    if source.kind != kind:
        raise ConfigError(
            f"{config}: {name} is of the kind {source.kind}: raksa read {source.kind} FILE --name {name}"
        )
    return source


def _advise(body: bytes, kind: str) -> None:
    if told := advice(body, kind):
        print(told, file=sys.stderr)


def _kind_is_missing(file: Path) -> str:
    """One word was given where two are needed: which one it is, a look at the file tells."""
    call = f"raksa read KIND FILE; KIND: {', '.join(kinds())}"
    if not file.is_file():
        return f"ระบุชนิดและไฟล์ / name the kind and a file: {call}"
    told = look(file.read_bytes())
    hint = f"\n{file}: raksa read {told.kind} {file}" if told and told.kind else ""
    return f"ระบุชนิดก่อนไฟล์ / name the kind before the file: {call}{hint}"


def poll(chosen: argparse.Namespace) -> int:
    source = next((s for s in load(chosen.config, os.environ).sources if s.name == chosen.name), None)
    if source is None:
        raise ConfigError(f"{chosen.config}: no source is called {chosen.name}")
    with requests.Session() as http:
        try:
            payload = source.fetch(http, WallClock().now())
            good, bad = to_lines(locate(source.read(payload), load_areas(var_folder() / "geo").at))
        except (SourceUnavailable, SourceChanged) as error:
            print(f"{chosen.name}: {error}", file=sys.stderr)
            return 1
    _print(good, bad)
    return 0


def _print(good: list[dict[str, Any]], bad: list[dict[str, Any]]) -> None:
    for line in (*good, *bad):
        try:
            print(json.dumps(line, ensure_ascii=False, allow_nan=False))
        except ValueError:  # a feed's NaN in a rejected row: Python reads it, JSON has no word for it
            print(json.dumps(_in_json(line), ensure_ascii=False))


def _in_json(value: Any) -> Any:
    """The same, with NaN and the infinities as text."""
    if isinstance(value, dict):
        return {key: _in_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_json(inner) for inner in value]
    return value if not isinstance(value, float) or isfinite(value) else str(value)
