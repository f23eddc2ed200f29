"""The count over time as a picture: reached solid, accepted hatched on top of it, a line at all homes. Pure: values in, SVG out."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Protocol

from geo.when import clock_text

WIDTH, HEIGHT = 640.0, 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 58.0, 14.0, 16.0, 26.0


class Point(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def homes(self) -> int: ...
    @property
    def reached(self) -> int: ...
    @property
    def accepted(self) -> int: ...


def curve(points: Sequence[Point], until: datetime, sentence: str, total_word: str) -> str:
    """SVG text. points: oldest first, each stands until the next; until: aware, how far the last one is drawn; sentence: what it
    shows, for screen readers. Nothing counted, or nobody to reach: ''."""
    highest = max((p.homes for p in points), default=0)
    if not highest:
        return ""
    start = points[0].at
    end = max(until, points[-1].at, start + timedelta(minutes=1))

    def x(at: datetime) -> float:
        return round(_LEFT + (at - start) / (end - start) * (WIDTH - _LEFT - _RIGHT), 1)

    def y(homes: float) -> float:
        return round(_TOP + (1 - homes / highest) * (HEIGHT - _TOP - _BOTTOM), 1)

    ends = [*(p.at for p in points[1:]), end]
    reached = [(p.at, to, 0, p.reached) for p, to in zip(points, ends, strict=True)]
    accepted = [(p.at, to, p.reached, p.reached + p.accepted) for p, to in zip(points, ends, strict=True)]
    total = " ".join(
        f"{x(p.at)},{y(p.homes)} {x(to)},{y(p.homes)}" for p, to in zip(points, ends, strict=True)
    )
    ticks = sorted({0, highest // 2, highest})
    times = ((start, "start"), (start + (end - start) / 2, "middle"), (end, "end"))
    return "".join([
        f'<svg class="hydrograph curve" style="max-width:60rem" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" '
        f'aria-label="{escape(sentence)}"><defs><pattern id="accepted" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(-45)"><rect width="8" height="8" fill="#2a3546"/><rect width="8" height="4" fill="#8fa3bd"/>'
        "</pattern></defs>",
        *(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(n)}" y2="{y(n)}"/>'
          f'<text class="tick" x="{_LEFT - 6}" y="{y(n) + 4}" text-anchor="end">{n:,}</text>' for n in ticks),
        *(f'<text class="tick" x="{x(at)}" y="{HEIGHT - 7}" text-anchor="{anchor}">{clock_text(at)}</text>'
          for at, anchor in times),
        f'<path class="accepted" fill="url(#accepted)" d="{_steps(accepted, x, y)}"/>',
        f'<path class="reached" fill="#e9eff7" d="{_steps(reached, x, y)}"/>',
        f'<polyline class="bank" fill="none" points="{total}"/>',
        f'<text class="bank-word" x="{WIDTH - _RIGHT}" y="{y(highest) + 16}" text-anchor="end">'
        f"{escape(total_word)} {points[-1].homes:,}</text></svg>",
    ])  # fmt: skip


def _steps(
    parts: Sequence[tuple[datetime, datetime, int, int]],
    x: Callable[[datetime], float],
    y: Callable[[float], float],
) -> str:
    """One rectangle a stretch of time: nothing is drawn between two counts that nobody counted."""
    return "".join(
        f"M{x(a)},{y(low)}V{y(high)}H{x(b)}V{y(low)}Z" for a, b, low, high in parts if high > low
    )  # fmt: skip
