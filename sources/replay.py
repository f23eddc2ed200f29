"""A recorded night played again: the payloads of another feed, from files, at their times.

A file's time stands in its name (20241009T112038Z, UTC; or 2024-10-09T18-20, 2024-10-09_1820, 2024-10-09,
Bangkok); a file without one plays at the newest time it tells. `shift` moves all of them, so last year's
night can be played tonight. Notes: docs/sources/replay.md.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import requests
from pydantic import model_validator

from geo.when import BANGKOK
from sources.contract import (
    Bulletin,
    Forecast,
    Observation,
    Payload,
    Reading,
    Source,
    SourceChanged,
    SourceUnavailable,
)
from sources.envelope import unpacked
from sources.kinds import kinds
from sources.reading import SOME_DAY, newest_time

_IN_NAME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T_ ]?(\d\d)[-:]?(\d\d)(?:[-:]?(\d\d))?)?(Z)?")


class Replay(Source):
    """Payloads of the kind `kind_of`, out of a folder or one file."""

    kind_of: str
    folder: Path
    shift: timedelta = timedelta()  # added to every time: recorded at T, played at T + shift
    fields: dict[str, Any] = {}  # what the recorded kind's own entry would hold

    @cached_property
    def _inner(self) -> Source:
        known = kinds()
        if self.kind_of not in known or self.kind_of == self.kind:
            raise ValueError(f"kind_of: no recorded feed is of the kind {self.kind_of!r}")
        told = {"kind": self.kind_of, "name": self.name, "every": self.every} | self.fields
        return known[self.kind_of](**told)

    @model_validator(mode="after")
    def _has_inner(self) -> Self:
        _ = self._inner  # a wrong kind or field stops the start, not the first tick
        return self

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """The newest payload whose time has come. Raises SourceUnavailable before the first."""
        played = [(at, file) for at, file in self.recorded() if at + self.shift <= now]
        if not played:
            raise SourceUnavailable(f"{self.name}: nothing was recorded before this time")
        return Payload(_bytes(played[-1][1]), fetched_at=now)

    def recorded(self) -> list[tuple[datetime, Path]]:
        """The recording: (when it was fetched, aware UTC; file), oldest first. Raises SourceUnavailable."""
        if self.folder.is_file():
            files = [self.folder]
        elif self.folder.is_dir():
            files = [f for f in self.folder.iterdir() if f.is_file() and not f.name.startswith(".")]
        else:
            raise SourceUnavailable(f"{self.name}: no recording at {self.folder.name}")
        timed = ((_time_in(file.name) or self._time_inside(file), file) for file in files)
        return sorted((at, file) for at, file in timed if at is not None)

    def _time_inside(self, file: Path) -> datetime | None:
        try:
            return newest_time(self._inner.read(Payload(_bytes(file), SOME_DAY)))
        except SourceChanged:
            return None

    def read(self, payload: Payload) -> list[Reading]:
        then = payload._replace(fetched_at=payload.fetched_at - self.shift)
        return [_moved(reading, self.shift) for reading in self._inner.read(then)]


def _moved(reading: Reading, shift: timedelta) -> Reading:
    match reading:
        case Observation():
            return reading._replace(observed_at=reading.observed_at + shift)
        case Forecast():
            return reading._replace(valid_at=reading.valid_at + shift, issued_at=reading.issued_at + shift)
        case Bulletin():
            return reading._replace(
                announced_at=reading.announced_at + shift,
                effective_from=reading.effective_from and reading.effective_from + shift,
                effective_to=reading.effective_to and reading.effective_to + shift,
            )
        case _:
            return reading


def _time_in(name: str) -> datetime | None:
    found = _IN_NAME.search(name)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = UTC if found.group(7) else BANGKOK
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def _bytes(file: Path) -> bytes:
    try:
        return unpacked(file.read_bytes())
    except OSError:
        raise SourceUnavailable(f"{file.name} cannot be read") from None
    except SourceChanged as error:
        raise SourceUnavailable(f"{file.name}: {error}") from None
