"""A clock for the world's tests: a fixed night, moved by hand."""

from datetime import UTC, datetime, timedelta

STARTS = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # 02:00 in Bangkok


class Hand:
    def __init__(self) -> None:
        self.at = STARTS

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)
