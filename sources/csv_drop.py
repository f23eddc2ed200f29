"""Tables that appear in a folder: a logger's CSV, an Excel export, what somebody copied there by hand.

Nothing is moved or deleted. A file is read when it has stopped growing, once as it is, and again when it has
changed; rows read before change nothing. Notes: docs/sources/csv_drop.md.
"""

import csv
import hashlib
import json
import re
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self

import requests
from pydantic import Field, JsonValue, model_validator

from sources.checks import Implausible
from sources.contract import Payload, Reading, Rejected, SourceChanged, SourceUnavailable
from sources.envelope import unpacked
from sources.mapped import Mapped, Row
from sources.rows import Misshapen, read_each

UNSET = Path("unset")  # stands for the folder where a file is read by hand
MOST_BYTES = 20_000_000  # of all files of one tick; the rest waits for the next
MOST_ROWS = 200_000
SEPARATORS = (",", ";", "\t", "|")
ENVELOPE = "raksa_csv_drop"

Look = tuple[int, int]  # size, time of the last change: what tells a file that still grows


class _Memory:
    """What this process has seen of each folder. A restart reads every file once more, and nothing comes twice."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.looks: dict[Path, Look] = {}
        self.read: dict[Path, str] = {}  # file -> digest it had when it was read


_MEMORIES: dict[tuple[str, Path], _Memory] = {}


class CsvDrop(Mapped):
    """Files of one folder and one layout; another layout is another entry."""

    signs: ClassVar[tuple[str, ...]] = (ENVELOPE,)
    may_be_empty: ClassVar[bool] = True

    folder: Path
    files: str = "*.csv"  # which names count
    separator: str = ""  # left out, it is found: comma, semicolon, tab, |
    encoding: str = ""  # left out: UTF-8 (16 by its mark), else Thai Windows (cp874, TIS-620)
    skip_lines: int = Field(default=0, ge=0, le=100)  # lines above the header: a logger's own name and type
    settle: timedelta = timedelta(seconds=20)  # unchanged for so long, or since the last look, it is complete

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.folder == UNSET:
            return self
        for needed, told in (("values", self.values), ("time", self.time)):
            if not told:
                raise ValueError(f"{needed}: say which column it is; docs/sources/csv_drop.md has an example")
        if not (self.station or self.station_is):
            raise ValueError(
                "station: name the column with the station's code, or the one station by station_is"
            )
        return self

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """What is new in the folder since this process looked last. Raises SourceUnavailable: no such folder."""
        if not self.folder.is_dir():
            raise SourceUnavailable(f"{self.name}: there is no folder {self.folder.name}")
        memory = _MEMORIES.setdefault((self.name, self.folder), _Memory())
        taken: list[dict[str, str]] = []
        room = MOST_BYTES
        with memory.lock:
            for file in sorted(self.folder.glob(self.files)):
                body = self._complete(file, memory, now, room)
                if body is None:
                    continue
                digest = hashlib.sha256(body).hexdigest()
                if memory.read.get(file) == digest:
                    continue
                memory.read[file] = digest
                room -= len(body)
                taken.append({"name": file.name, "sha256": digest, "text": self._text(body)})
        if not taken:
            return Payload(b"", fetched_at=now, not_modified=True)
        return Payload(json.dumps({ENVELOPE: taken}, ensure_ascii=False).encode(), fetched_at=now)

    def _complete(self, file: Path, memory: _Memory, now: datetime, room: int) -> bytes | None:
        """The file's bytes, or None while it is being written, cannot be read, or has no room in this tick."""
        try:
            told = file.stat()
            look = (told.st_size, told.st_mtime_ns)
            seen, memory.looks[file] = memory.looks.get(file), look
            still = now - datetime.fromtimestamp(told.st_mtime, UTC) >= self.settle
            if not (still or seen == look) or told.st_size > room:
                return None
            body = file.read_bytes()
        except OSError:
            return None
        return body if len(body) == told.st_size else None  # it grew under our hands

    def read(self, payload: Payload) -> list[Reading]:
        readings: list[Reading] = []
        for name, text in self._files(payload.body):
            try:
                readings += self._table(name, text, payload.fetched_at)
            except Misshapen as error:
                where = f"{name}: " if name else ""
                if not name:
                    raise SourceChanged(f"{self.name}: {error}") from None
                readings.append(Rejected(text[:200], why=f"{where}{error}"))
        return readings

    def _files(self, body: bytes) -> list[tuple[str, str]]:
        """(file name, text); a bare table has no name."""
        if body.lstrip()[:20].startswith(b"{") and ENVELOPE.encode() in body[:60]:
            try:
                held = json.loads(body)[ENVELOPE]
                return [(str(one["name"]), str(one["text"])) for one in held]
            except (ValueError, LookupError, TypeError, RecursionError):
                raise SourceChanged(f"{self.name}: broken or cut-off list of files") from None
        start = body[:300].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if not start:
            raise SourceChanged(f"{self.name}: an empty file")
        if start.startswith((b"<", b"{", b"[", b"pk\x03\x04", b"\xd0\xcf\x11\xe0")) or b"\0\0" in start:
            raise SourceChanged(f"{self.name}: no table of text; save an Excel sheet as CSV (UTF-8)")
        return [("", self._text(unpacked(body)))]

    def _text(self, body: bytes) -> str:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return body.decode("utf-16", "replace")
        for encoding in (self.encoding,) if self.encoding else ("utf-8-sig", "cp874"):
            try:
                return body.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
        return body.decode("utf-8", "replace")

    def _table(self, name: str, text: str, fetched_at: datetime) -> list[Reading]:
        """Raises Misshapen for what has no header of ours."""
        lines = text.replace("\0", "").splitlines()[self.skip_lines :]
        if len(lines) > MOST_ROWS:
            raise Misshapen(f"{len(lines):,} lines; cut the file into some of {MOST_ROWS:,} at most")
        lines = [line for line in lines if line.strip()]
        if len(lines) and re.match(r"sep=.$", lines[0]):  # what Excel writes for itself
            lines = lines[1:]
        if not lines:
            raise Misshapen("an empty file")
        separator = self.separator or max(SEPARATORS, key=lines[0].count)
        try:
            table = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
        except csv.Error as error:
            raise Misshapen(f"no table: {error}") from None
        header = table[0]
        wanted = [*self.values, *([self.time] if isinstance(self.time, str) else self.time), self.station]
        missing = [column for column in wanted if column and column not in header]
        if missing or len(header) < 2:
            what = ", ".join(missing) or "beside the first"
            raise Misshapen(f"no column {what}; there are {', '.join(header)[:200]}")

        def one(cells: Any) -> Iterable[Reading]:
            row: dict[str, str] = dict(zip(header, cells, strict=False))
            kept: JsonValue = {**({"file": name} if name else {}), **row}
            if len(cells) < len(header) - 1 or not any(cells):
                raise Implausible(f"{len(cells)} cells where the header has {len(header)}")
            return self.read_row(Row(row, kept), fetched_at)

        try:
            return read_each(self.name, table[1:], one)  # type: ignore[arg-type]  # lists of text are JSON
        except SourceChanged as error:
            raise Misshapen(str(error).removeprefix(f"{self.name}: ")) from None
