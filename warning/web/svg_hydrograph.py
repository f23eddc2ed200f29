"""Water over time with its bank: the same picture on the console, on paper and in a report. Pure: values in, SVG text out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from geo.when import clock_text

WIDTH, HEIGHT = 360.0, 132.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 14.0, 26.0
_LEAST_SPREAD_M = 0.5  # a ripple of a centimetre must not look like a flood


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
    spread = max(high - low, _LEAST_SPREAD_M)
    low, high = low - spread * 0.14, high + spread * 0.22
    span = max(end - start, timedelta(seconds=1))

    def x(at: datetime) -> float:
        return round(_LEFT + (at - start) / span * (WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    line = " ".join(f"{x(at)},{y(value)}" for at, value in series)
    last_at, last = series[-1]
    ground = f"{x(start)},{HEIGHT - _BOTTOM} {line} {x(last_at)},{HEIGHT - _BOTTOM}"
    ticks = [low + (high - low) * part for part in (0.12, 0.5, 0.88)]
    times = (start, start + span / 2, end)
    parts = [
        f'<svg class="hydrograph" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(sentence)}">',
        *(_grid(y(value), value) for value in ticks),
        *(
            f'<text class="tick" x="{x(at)}" y="{HEIGHT - 7}" text-anchor="{anchor}">{clock_text(at)}</text>'
            for at, anchor in zip(times, ("start", "middle", "end"), strict=True)
        ),
        f'<polygon class="water" points="{ground}"/><polyline class="stage" points="{line}"/>',
    ]
    if bank_m is not None:
        at = y(bank_m)
        parts.append(
            f'<line class="bank" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
            f'<text class="bank-word" x="{WIDTH - _RIGHT}" y="{_word_y(at, y(last))}" text-anchor="end">'
            f"{escape(bank_word)} {bank_m:.2f}</text>"
        )
    parts.append(f'<circle class="last" cx="{x(last_at)}" cy="{y(last)}" r="4"/></svg>')
    return "".join(parts)


def _word_y(bank: float, water: float) -> float:
    """Beside the bank line, on the side where the water is not."""
    return bank + 15 if water < bank and bank + 18 < HEIGHT - _BOTTOM else bank - 5


def _grid(at: float, value: float) -> str:
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{value:.1f}</text>'
    )
