"""SMS through a GSM modem on the desk, by gammu-smsd's files: the last resort when the internet is down.

One file a message in `outbox`; the daemon sends it and moves it to `sent` or `error`; what phones send lies in
`inbox`. About 10 SMS a minute. Our delivery id stands in the file's name, so the same message is one file however
often it is asked for, and what became of it is found again after a restart. The daemon knows no end of validity: the
name holds it, and what is too late is taken out of the outbox before it goes.
How to set it up: docs/channels/sms_modem.md. File names: gammu-smsd(7), "files backend"; tried with 1.42.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from channels import sms_callback
from channels.contract import (
    Batch,
    Channel,
    ChannelBroken,
    Health,
    Message,
    Plan,
    Proof,
    Receipt,
    ReceiptState,
    Reply,
    TryLater,
)
from channels.outcome import expired

FOLDERS = ("outbox", "sent", "error", "inbox")
_STAMP = "%Y%m%d_%H%M%S"  # of the name: when validity ends, UTC
_STALE = timedelta(minutes=10)  # a daemon that took nothing out of a full outbox for this long is not running


class SmsModem(Channel):
    """The parts of a long text are made by gammu; each counts against the minute."""

    batch: ClassVar[int] = 50
    proof: ClassVar[Proof] = Proof.NOTHING  # the network took it; the files backend tells no more
    needs: ClassVar[str] = "sms"
    dedupes: ClassVar[bool] = True  # by the file's name, in whatever folder it lies

    folder: Path  # holds outbox, sent, error and inbox, all on one file system
    rate_per_s: float = 10 / 60
    lane_share: float = 0.0  # of so little nothing is kept apart
    last_resort: bool = True  # only while every other SMS account has failed (docs/channels/sms_modem.md)
    look_every_s: float = 1.0
    parts_per_message: int = 2
    baht_per_part: Decimal = Decimal("1.00")  # of an ordinary SIM; your contract's price
    most_waiting: int = 100  # files in the outbox: ten minutes' worth

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[Any]:
        """Raises ChannelBroken when the folders cannot be made."""
        try:
            for name in FOLDERS:
                await asyncio.to_thread((self.folder / name).mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise ChannelBroken(f"{self.name}: {error.strerror}") from error
        yield self.folder

    def plan(self, recipients: int) -> Plan:
        parts = recipients * self.parts_per_message
        minutes = parts / self.rate_per_s / 60
        slow = "โมเด็มส่งได้ราว 10 ข้อความต่อนาที ใช้เมื่ออินเทอร์เน็ตขาดเท่านั้น (a modem sends about 10 a minute: for when the internet is down)"
        return Plan(recipients, minutes, parts * self.baht_per_part, slow if minutes > 30 else "")

    def calls(self, messages: int) -> int:
        return messages * self.parts_per_message

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        if batch.expires_at <= now:
            return expired(batch.messages, now)
        return await asyncio.to_thread(self._write, batch, now)

    def _write(self, batch: Batch, now: datetime) -> list[Receipt]:
        waiting = _names(self.folder / "outbox")
        if len(waiting) >= self.most_waiting:
            raise TryLater(f"{len(waiting)} messages wait for the modem", timedelta(minutes=1))
        known = {there.delivery_id for name in FOLDERS[:3] for there in self._named(name)}
        try:
            for message in batch.messages:
                if message.id not in known:
                    self._put(message, batch)
        except OSError as error:
            # Files already written are found by their names at the next try.
            raise TryLater(f"the outbox cannot be written: {error.strerror}", maybe_taken=True) from error
        return [Receipt(m.id, ReceiptState.HANDED_OVER, now) for m in batch.messages]

    def _put(self, message: Message, batch: Batch) -> None:
        """Whole or not at all: the daemon takes any file named OUT*."""
        until = batch.expires_at.astimezone(UTC).strftime(_STAMP)
        urgent = "A" if batch.severity in ("Extreme", "Severe") else "M"
        name = f"OUT{urgent}{until}_00_{message.address}_{message.id.hex}.txt"
        being_written = self.folder / "outbox" / f".{message.id.hex}"
        # UTF-16 with its mark: the daemon guesses at anything else.
        with being_written.open("wb") as file:
            file.write(message.text.encode("utf-16"))
            file.flush()
            os.fsync(file.fileno())
        being_written.replace(self.folder / "outbox" / name)

    async def listen(self, wire: Any, now: Any) -> AsyncIterator[Receipt | Reply]:
        """What became of the files, and what phones sent in. An item is put away when the next is asked for."""
        told: set[str] = set()
        while True:
            at = now()
            for path in await asyncio.to_thread(self._too_late, at):
                yield Receipt(
                    _of(path).delivery_id, ReceiptState.EXPIRED, at, why="past its time in the outbox"
                )
                await asyncio.to_thread(path.unlink, missing_ok=True)
            for folder, state, why in (
                ("sent", ReceiptState.ACCEPTED, ""),
                ("error", ReceiptState.FAILED, "the modem could not send it"),
            ):
                for there in await asyncio.to_thread(self._named, folder):
                    if there.path.name not in told:
                        yield Receipt(there.delivery_id, state, min(at, there.changed_at), why=why)
                        told.add(there.path.name)
            for paths in await asyncio.to_thread(self._came_in):
                try:
                    replies = await asyncio.to_thread(_read, paths, at)
                except (FileNotFoundError, IndexError):
                    replies = []  # another worker was quicker, or no file of the daemon's
                for reply in replies:
                    yield reply
                await asyncio.to_thread(self._put_away, paths)
            await asyncio.sleep(self.look_every_s)

    async def probe(self, wire: Any, now: datetime) -> Health:
        """Is the daemon taking files? Whether the SIM has credit only a sent SMS tells."""
        return await asyncio.to_thread(self._probe, now)

    def _probe(self, now: datetime) -> Health:
        missing = [name for name in FOLDERS if not (self.folder / name).is_dir()]
        if missing:
            return Health(
                False, f"ไม่มีโฟลเดอร์ {missing[0]} ของ gammu-smsd", f"no folder {missing[0]} of gammu-smsd"
            )
        oldest = min((there.changed_at for there in self._named("outbox")), default=now)
        if now - oldest > _STALE:
            return Health(
                False,
                "โมเด็มไม่ส่ง: ตรวจ gammu-smsd และสายโมเด็ม",
                "nothing leaves the outbox: check gammu-smsd and the modem",
            )
        return Health(True)

    def _named(self, folder: str) -> list["_There"]:
        return [
            there for name in _names(self.folder / folder) if (there := _found(self.folder / folder / name))
        ]

    def _too_late(self, now: datetime) -> list[Path]:
        """Taken out of the daemon's reach; what it has taken in the meantime is its own."""
        late: list[Path] = []
        for there in self._named("outbox"):
            if there.expires_at > now:
                continue
            away = there.path.with_name(f".late-{there.path.name}")
            try:
                there.path.replace(away)
            except FileNotFoundError:
                continue
            late.append(away)
        return late

    def _came_in(self) -> list[list[Path]]:
        """Files of the inbox, the parts of one SMS together: IN<date>_<time>_<serial>_<number>_<part>.txt."""
        found: dict[str, list[Path]] = {}
        for name in _names(self.folder / "inbox"):
            if name.startswith("IN") and name.endswith(".txt"):
                found.setdefault(name.rsplit("_", 1)[0], []).append(self.folder / "inbox" / name)
        return list(found.values())

    def _put_away(self, paths: Sequence[Path]) -> None:
        read = self.folder / "inbox" / "read"
        read.mkdir(exist_ok=True)
        for path in paths:
            with suppress(FileNotFoundError):  # another worker was quicker
                path.replace(read / path.name)


class _There(NamedTuple):
    path: Path
    delivery_id: UUID
    expires_at: datetime
    changed_at: datetime


def _names(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith(".")) if folder.is_dir() else []


def _of(path: Path) -> _There:
    """A file of ours by its name. Raises ValueError for one that is not."""
    name = path.name.removeprefix(".late-")
    until = datetime.strptime(name[4:19], _STAMP).replace(tzinfo=UTC)
    return _There(path, UUID(hex=name.rsplit("_", 1)[1].split(".")[0]), until, until)


def _found(path: Path) -> _There | None:
    """None for a file somebody else put there, or one that is gone by now."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return _of(path)._replace(changed_at=changed)
    except (ValueError, IndexError, FileNotFoundError):
        return None


def _read(paths: Sequence[Path], now: datetime) -> Sequence[Reply]:
    """One SMS of a phone, whatever its number of parts. The name is the id of the event: twice is once."""
    sender = paths[0].name.split("_")[3]
    text = "".join(_words(path.read_bytes()) for path in paths)
    return sms_callback.said(sender, text, now, paths[0].stem, "")


def _words(raw: bytes) -> str:
    """`inboxformat = unicode` writes UTF-16 with its mark and zeros behind it (seen on 1.42), `standard` UTF-8."""
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return raw.decode("utf-16" if wide else "utf-8", errors="replace").rstrip("\0")
