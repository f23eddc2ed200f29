"""Water over time with its bank: the same picture on the console, on paper and in a report. Pure: values in, SVG text out."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import escape

from geo.when import clock_text

WIDTH, HEIGHT = 360.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 12.0, 22.0


def hydrograph(
    series: Sequence[tuple[datetime, float]],
    *,
    bank_m: float | None,
    now: datetime,
    sentence: str,
    bank_word: str,
) -> str:
    """SVG text. series: (aware time, m above mean sea level), oldest first; sentence: what it shows, read aloud by screen
    readers. The bank line is always in the picture when it is known, so that nearness to it is seen. Nothing to draw: ''."""
    if len(series) < 2:
        return ""
    start, end = series[0][0], max(series[-1][0], now)
    values = [value for _, value in series] + ([bank_m] if bank_m is not None else [])
    low, high = min(values), max(values)
    spread = max(high - low, 0.5)
    low, high = low - spread * 0.12, high + spread * 0.18

    def x(at: datetime) -> float:
        return round(
            _LEFT + (at - start) / max(end - start, timedelta(seconds=1)) * (WIDTH - _LEFT - _RIGHT), 1
        )

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    line = " ".join(f"{x(at)},{y(value)}" for at, value in series)
    ground = f"{x(series[0][0])},{HEIGHT - _BOTTOM} {line} {x(series[-1][0])},{HEIGHT - _BOTTOM}"
    parts = [
        f'<svg class="hydrograph" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(sentence)}">',
        *(_level(low + (high - low) * part, y, low + (high - low) * part) for part in (0.1, 0.5, 0.9)),
        f'<polygon class="water" points="{ground}"/><polyline class="stage" points="{line}"/>',
    ]
    if bank_m is not None:
        parts.append(
            f'<line class="bank" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(bank_m)}" y2="{y(bank_m)}"/>'
            f'<text class="bank-word" x="{_LEFT + 4}" y="{y(bank_m) - 4}">{escape(bank_word)} {bank_m:.2f}</text>'
        )
    parts += [
        f'<text class="tick" x="{_LEFT}" y="{HEIGHT - 6}">{clock_text(start)}</text>',
        f'<text class="tick" x="{WIDTH - _RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{clock_text(end)}</text>',
        f'<circle class="last" cx="{x(series[-1][0])}" cy="{y(series[-1][1])}" r="3.5"/></svg>',
    ]
    return "".join(parts)


def _level(value: float, y: Callable[[float], float], shown: float) -> str:
    at = y(value)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
        f'<text class="tick" x="{_LEFT - 5}" y="{at + 4}" text-anchor="end">{shown:.1f}</text>'
    )
