"""The card of a hindcast: JSON for `raksa rules release`, and one HTML page with every event and false alarm drawn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import numpy as np

from geo.errors import ConfigError
from geo.when import bangkok
from warning.hindcast.channel import HOUR
from warning.hindcast.match import Matched, Stretch
from warning.hindcast.trial import Trial
from warning.hindcast.ways import Said

_WIDE, _HIGH, _LEFT, _LOW = 640, 200, 52, 26  # of a drawing, px; room for the numbers
_BEFORE_S, _AFTER_S = 60 * HOUR, 36 * HOUR
_MOST_DRAWN = 60
_STYLE = """
body{font:16px/1.5 system-ui,"Noto Sans Thai","Sarabun",sans-serif;margin:0 auto;max-width:72rem;padding:1rem;
color:#1c1c1c;background:#fff}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}p{margin:.3rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse}td,th{padding:.25rem .7rem;border-bottom:1px solid #ccc;
text-align:right;white-space:nowrap}
td:first-child,th:first-child{text-align:left}.ours{font-weight:600;background:#eef4fb}
.drawn{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:1rem}
figure{margin:0;border:1px solid #ccc;border-left:.5rem solid #777;padding:.5rem}
figure.hit{border-left-color:#1b6e3c}figure.miss{border-left-color:#b00020}figure.false{border-left-color:#b36b00}
figcaption{font-size:.9rem}svg{width:100%;height:auto;display:block}text{font:15px system-ui,sans-serif;fill:#444}
"""
_NAMES = {
    "threshold": "เกณฑ์เดียว / plain threshold", "trend": "แนวโน้ม / trend", "always": "เตือนทุกวัน / always",
    "never": "ไม่เตือนเลย / never", "climatology": "ตามฤดู / climatology", "heavy_rain": "ฝนหนัก 35.1 มม. / heavy rain",
}  # fmt: skip


def card_of(said: Mapping[str, Any], way: Said, now: datetime) -> dict[str, Any]:
    """What `raksa rules release` asks for, with all figures. Raises ConfigError unless exactly one rule was played."""
    if len(way.rules) != 1:
        raise ConfigError(
            "--save: ใบผลเป็นของกฎเดียว ระบุ rule: ชื่อ ในไฟล์ศึกษา / a card is of one rule: write `rules: FILE` and `rule: NAME`"
        )
    return {
        "rule": way.rules[0].name,
        "rule_version": way.rules[0].version,
        "made_at": now.isoformat(),
        **said,
    }


def page(trial: Trial, said: Mapping[str, Any], now: datetime) -> str:
    """One self-contained page, Thai and English; nothing is fetched from anywhere."""
    study = said["study"]
    matched = trial.match(_alerts(said))
    return "".join(
        (
            '<!doctype html><html lang="th"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>ใบผลทดสอบย้อนหลัง / hindcast: {escape(study['name'])}</title><style>{_STYLE}</style></head><body>",
            f"<h1>ใบผลทดสอบย้อนหลัง / Hindcast card: {escape(study['name'])}</h1>",
            *_about(trial, said, now),
            "<h2>ตัวเลข / Figures</h2>",
            *_table(said),
            "<h2>เหตุการณ์และการเตือนผิด / Events and false alarms</h2>",
            '<p>เส้นน้ำเงิน: ระดับน้ำ เส้นแดง: เกณฑ์ แถบเหลือง: ช่วงเตือน เส้นประ: เวลาที่น้ำถึงเกณฑ์ / blue: water, red: the line, '
            "yellow band: alert on, dashed: the crossing. UTC.</p>",
            '<div class="drawn">', *_figures(trial, matched, [_why(a["why"]) for a in said["alert_list"]]), "</div></body></html>\n",
        )
    )  # fmt: skip


def _alerts(said: Mapping[str, Any]) -> list[Stretch]:
    return [Stretch(_second(a["start"]), _second(a["end"])) for a in said["alert_list"]]


def _second(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _about(trial: Trial, said: Mapping[str, Any], now: datetime) -> Iterator[str]:
    truth, study = trial.truth, said["study"]
    how = escape(str(study["how"]))
    local = bangkok(now)
    yield f"<p>วิธี / method: <b>{how}</b> · ความจริง / truth: {escape(truth.station)} {escape(truth.quantity)} ≥ "
    yield f"{trial.line:g} {escape(truth.unit)}</p>"
    yield f"<p>ข้อมูล / series: {escape(', '.join(study['series']))} · ปรับจาก / learned from: "
    yield f"{escape(', '.join(study['fit']) or '–')} ({said['learned_from_events']} เหตุการณ์ / events)</p>"
    yield f"<p>เหตุการณ์ / events: <b>{said['events']}</b> · ไม่มีข้อมูล / no data: {said['nodata_h']:g} h · "
    yield f"ทำเมื่อ / made: {local:%d/%m}/{local.year + 543} {local:%H:%M} ({local:%Y-%m-%d %H:%M} +07:00)</p>"


def _table(said: Mapping[str, Any]) -> Iterator[str]:
    heads = (
        "",
        "POD",
        "FAR",
        "CSI",
        "CSI ≥ 1 h",
        "CSI ≥ 3 h",
        "lead h (median)",
        "ถูก / hits",
        "พลาด / misses",
        "ผิด / false",
    )
    keys = (
        "pod",
        "far",
        "csi",
        "csi_lead_1h",
        "csi_lead_3h",
        "lead_h_median",
        "hits",
        "misses",
        "false_alarms",
    )
    yield '<div class="wide"><table><tr>' + "".join(f"<th>{h}</th>" for h in heads) + "</tr>"
    yield _row("กฎหรือวิธีนี้ / this", said, keys, "ours")
    for name, one in said["references"].items():
        yield _row(_NAMES.get(name, name), one, keys, "")
    yield "</table></div>"
    spans = said["intervals_90"]
    shown = [f"{name} {span[0]:g}–{span[1]:g}" for name, span in spans.items() if span is not None]
    yield f"<p>ช่วง 90 % / 90 % intervals: {', '.join(shown) or '–'} · HSS {_show(said['hss'])} · bias {_show(said['bias'])}</p>"


def _row(name: str, one: Mapping[str, Any], keys: Sequence[str], kind: str) -> str:
    cells = "".join(f"<td>{_show(one[key])}</td>" for key in keys)
    return f'<tr class="{kind}"><td>{name}</td>{cells}</tr>'


def _show(value: Any) -> str:
    return "–" if value is None else f"{value}" if isinstance(value, int) else f"{value:.3g}"


def _why(why: Mapping[str, Any] | None) -> str:
    """The facts an alert began by, Thai and English; empty where the way tells none."""
    if why is None:
        return ""
    if why["by"] == "line":
        return " · น้ำถึงเกณฑ์แล้ว / by the line itself"
    hours = 3 * why["unit_h"]
    rain = why.get("rain_24_mm") if hours == 3 else None
    rain_th, rain_en = ("", "") if rain is None else (f"ฝน 24 ชม. {rain:g} มม. ", f"rain 24 h {rain:g} mm, ")
    rose, left, chance = f"{why['rise_3']:g}", f"{why['to_line']:g}", f"{100 * why['chance']:.0f} %"
    return (
        f" · {rain_th}น้ำขึ้น {rose} ใน {hours:g} ชม. เหลือ {left} โอกาส {chance} / "
        f"{rain_en}up {rose} in {hours:g} h, {left} to go, chance {chance}"
    )


def _figures(trial: Trial, matched: Matched, whys: Sequence[str]) -> Iterator[str]:
    drawn = 0
    for event, lead, by in zip(matched.events, matched.leads, matched.by, strict=True):
        hours = 0 if lead is None else lead / HOUR
        words = f"ถูก ล่วงหน้า {hours:.3g} ชม. / hit, lead {hours:.3g} h"
        kind, words = ("miss", "พลาด / missed") if by is None else ("hit", words + whys[by])
        if (drawn := drawn + 1) <= _MOST_DRAWN:
            yield _figure(trial, matched, event.start, kind, words, crossing=True)
    for alert, kind, why in zip(matched.alerts, matched.kinds, whys, strict=True):
        if kind == "false" and (drawn := drawn + 1) <= _MOST_DRAWN:
            yield _figure(trial, matched, alert.start, kind, f"เตือนผิด / false alarm{why}", crossing=False)
    if drawn > _MOST_DRAWN:
        yield f"<p>+ {drawn - _MOST_DRAWN}</p>"
    if not drawn:
        yield "<p>ไม่มีเหตุการณ์ / no event</p>"


def _figure(trial: Trial, matched: Matched, at: float, kind: str, words: str, *, crossing: bool) -> str:
    factor = max(1.0, trial.truth.step / (6 * HOUR))  # days of a gauge read daily
    start, end = at - _BEFORE_S * factor, at + _AFTER_S * factor
    inside = (trial.heard.at >= start) & (trial.heard.at <= end) & np.isfinite(trial.heard.value)
    times, levels = trial.heard.at[inside], trial.heard.value[inside]
    low = min(float(levels.min(initial=trial.line)), trial.line)
    high = max(float(levels.max(initial=trial.line)), trial.line)
    room = 0.06 * max(high - low, 1e-9)

    def x(second: float) -> float:
        return round(_LEFT + (second - start) / (end - start) * (_WIDE - _LEFT), 1)

    def y(level: float) -> float:
        return round((_HIGH - _LOW) * (high + room - level) / (high - low + 2 * room), 1)

    bands = "".join(
        f'<rect x="{x(max(a.start, start))}" y="0" width="{round(x(min(a.end, end)) - x(max(a.start, start)), 1)}" '
        f'height="{_HIGH - _LOW}" fill="#ffd966" opacity=".55"/>'
        for a in matched.alerts
        if a.end > start and a.start < end
    )
    points = " ".join(f"{x(t)},{y(v)}" for t, v in zip(times.tolist(), levels.tolist(), strict=True))
    mark = f'<path d="M{x(at)} 0V{_HIGH - _LOW}" stroke="#333" stroke-dasharray="4 3"/>' if crossing else ""
    labels = "".join(
        f'<text x="{_LEFT - 4}" y="{min(max(y(v) + 5, 13), _HIGH - _LOW)}" text-anchor="end">{v:.3g}</text>'
        for v in (low, high)
    )
    days = "".join(
        f'<text x="{x(s)}" y="{_HIGH - 6}" text-anchor="middle">{datetime.fromtimestamp(s, UTC):%d.%m. %H:%M}</text>'
        for s in np.linspace(start, end, 5)[1:-1].tolist()
    )
    title = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC: {words}"
    return (
        f'<figure class="{kind}"><svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{escape(title)}">{bands}'
        f'<path d="M{_LEFT} {y(trial.line)}H{_WIDE}" stroke="#b00020" stroke-width="1.5"/>{mark}'
        f'<polyline points="{points}" fill="none" stroke="#0b4f9c" stroke-width="2"/>{labels}{days}</svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )
