"""The only reader of the clock. Everybody else is told what time it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`now` is aware UTC. `rate` is how many seconds of it pass in one second of the wall."""

    @property
    def rate(self) -> float: ...

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class WallClock:
    rate: float = 1.0

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class FastClock:
    """Simulated time: starts at `start` when made and runs `rate` times as fast as the wall."""

    start: datetime
    rate: float
    _monotonic: Callable[[], float] = time.monotonic
    _zero: float = 0.0

    @classmethod
    def from_now(cls, start: datetime, rate: float) -> "FastClock":
        return cls(start=start, rate=rate, _zero=time.monotonic())

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(self._monotonic() - self._zero) * self.rate)


@dataclass
class HandClock:
    """Time that moves only when told: for tests."""

    at: datetime
    rate: float = 1.0

    def now(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> datetime:
        self.at += by
        return self.at
