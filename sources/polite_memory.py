"""What we remember of the hosts we ask: ETags, and which door is shut. One a process; pollers are threads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

SHUT_AFTER = 3  # failed calls in a row, each of several tries
SHUT_FOR = timedelta(minutes=5)
SHUT_AT_MOST = timedelta(minutes=30)
REMEMBERED_FOR = timedelta(
    hours=1
)  # then ask in full: an answer lost between the wire and the database comes again
MOST_ADDRESSES = 500


class _Validators(NamedTuple):
    conditions: dict[str, str]
    at: datetime


@dataclass
class _Door:
    failures: int = 0
    shut_until: datetime | None = None


@dataclass
class Memory:
    """Circuit breaker a host, validators an address. Every time is the caller's `now`, aware UTC."""

    _doors: dict[str, _Door] = field(default_factory=dict)
    _validators: dict[str, _Validators] = field(default_factory=dict, repr=False)  # addresses may hold keys
    _lock: Lock = field(default_factory=Lock, repr=False)

    def shut_until(self, host: str, now: datetime) -> datetime | None:
        """None when the host may be asked. After the wait one caller is let through to try, the others wait
        on.
        """
        with self._lock:
            door = self._doors.get(host)
            if door is None or door.shut_until is None:
                return None
            if now < door.shut_until:
                return door.shut_until
            door.shut_until = now + SHUT_FOR
            return None

    def failed(self, host: str, now: datetime) -> None:
        """A call failed: from the third in a row the door is shut, each time for twice as long, up to half
        an hour.
        """
        with self._lock:
            door = self._doors.setdefault(host, _Door())
            door.failures += 1
            if door.failures >= SHUT_AFTER:
                times = min(door.failures - SHUT_AFTER, 10)
                door.shut_until = now + min(SHUT_FOR * 2**times, SHUT_AT_MOST)

    def succeeded(self, host: str) -> None:
        with self._lock:
            self._doors.pop(host, None)

    def conditions(self, address: str, now: datetime) -> dict[str, str]:
        """Headers that ask only for what is new."""
        with self._lock:
            held = self._validators.get(address)
            return dict(held.conditions) if held and timedelta() <= now - held.at < REMEMBERED_FOR else {}

    def remember(self, address: str, told: Mapping[str, str], now: datetime) -> None:
        conditions = {
            ask: told[tell]
            for ask, tell in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
            if tell in told
        }
        with self._lock:
            self._validators.pop(address, None)
            if conditions:
                while len(self._validators) >= MOST_ADDRESSES:
                    self._validators.pop(next(iter(self._validators)))
                self._validators[address] = _Validators(conditions, now)
