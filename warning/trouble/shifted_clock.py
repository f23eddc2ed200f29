"""A clock that can be put forward or back for every process at once, by a file: what a badly set machine does to us."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from warning.clock import WallClock


@dataclass(frozen=True)
class ShiftedClock:
    """The wall's time, and as many seconds as the file says."""

    file: Path
    rate: float = 1.0

    def now(self) -> datetime:
        try:
            shift_s = float(self.file.read_text(encoding="ascii"))
        except (OSError, ValueError):  # not written yet, or being written
            shift_s = 0.0
        return WallClock().now() + timedelta(seconds=shift_s)

    def put(self, shift_s: float) -> None:
        part = self.file.with_suffix(".part")
        part.write_text(f"{shift_s}", encoding="ascii")
        part.replace(self.file)
