"""Everything a step may need besides its session, its work and the time. Made once at the start, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from channels.contract import Channel
from geo.areas import Areas
from geo.gazetteer import gazetteer
from geo.rivers import downstream
from geo.sealed import Keyring
from warning.alert import Alert, Mode
from warning.cap.sign import Signer
from warning.clock import Clock
from warning.clock_back import LastLook
from warning.config import Config
from warning.provider_switch import Watch
from warning.step import priority_of
from warning.store.database import Database
from warning.turns import Turns


@dataclass(frozen=True)
class Office:
    config: Config
    database: Database
    clock: Clock
    keyring: Keyring
    areas: Areas
    mode: Mode
    wires: dict[str, Any] = field(
        default_factory=dict
    )  # channel name -> its open connection, filled at the start
    faults: set[str] = field(default_factory=set)  # of carriers, noted by this process and not yet mended
    paid_calls: dict[str, int] = field(
        default_factory=dict
    )  # channel name -> calls this process has paid for
    in_force: dict[UUID, Alert] = field(default_factory=dict)  # words fixed at issue, read once a process
    signer: Signer = field(default_factory=Signer.throwaway)  # of our CAP; `opening` gives the office's own
    var: Path = Path("var")  # where the office keeps its files; `opening` gives the office's own
    providers: Watch = field(default_factory=Watch)  # accounts of which one stands by for another
    last_look: LastLook = field(default_factory=LastLook)  # of this process, by its own clock
    turns: Turns = field(default_factory=Turns)  # of those who wait for a busy account, in this process

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The channels that are on, by name. In an exercise only the simulated ones and the notebook exist."""
        return {
            c.name: c
            for c in self.config.channels
            if c.on and (self.mode is Mode.ACTUAL or c.simulated or not c.live)
        }

    @property
    def coverage_every(self) -> timedelta:
        """How old a count may be before it is made anew: two wall seconds, however fast time passes."""
        return timedelta(seconds=2) * self.clock.rate

    def severity_priority(self, severity: str) -> int:
        return priority_of(severity, self.mode is Mode.EXERCISE)

    def downstream(self, gauge: str) -> dict[str, timedelta]:
        """Where a gauge's water goes next, and after what time; the travel times are estimates until measured."""
        return {a.tambon: timedelta(minutes=a.minutes) for a in downstream(gauge) if a.minutes}

    def bound(self, station: str) -> str | None:
        """The tambon a gauge is bound to explicitly, or None."""
        try:
            return gazetteer().gauge(station).tambon
        except LookupError:
            return None

    @property
    def anyone_told(self) -> bool:
        """Is there one channel that could reach a real person? If not, every page says so in red."""
        return any(c.live and not c.simulated for c in self.channels.values())
