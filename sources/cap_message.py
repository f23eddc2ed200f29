"""What a polled CAP message tells, as a bulletin. Tolerant: its form is judged where it is recorded (`warning/received.py`).

Places: tambon and amphoe codes, P-codes and ISO 3166-2 from geocodes; Thai names of provinces from the words where there are neither
codes nor shapes; circles are drawn as rings beside the polygons.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from lxml import etree

from sources.cap_cut import CAP_NAMESPACES
from sources.cap_xml import Refused, tree
from sources.checks import Implausible
from sources.contract import Bulletin, Ring
from sources.tmd_words import areas_named

LARGEST = 1_000_000  # bytes; the largest real message seen has 447 kB
WITHOUT_EXPIRES = timedelta(hours=24)  # our policy where a message says no end
AHEAD_AT_MOST = timedelta(days=1)  # a calendar gone wrong: 2569 is no year of CAP
MOST_RINGS = 500
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
_CORNERS = 24  # of a circle drawn as a ring
_KM_PER_DEG = 111.2
_THAI = re.compile("[\u0e00-\u0e7f]")
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d*)?),(-?\d{1,3}(?:\.\d*)?)", re.ASCII)
_OURS = (
    "TIS1099",
    "TIS-1099",
    "DOPA",
    "DOPA-VILLAGE",
)  # our names for codes of the Department of Provincial Administration
_OF_A_PLACE = (2, 4, 6, 8)
_HAZARD = {  # OASIS Event Terms List 1.2, then words of the event itself; ours (warning.rule.Event)
    "053": "reservoir_release", "068": "earthquake", "079": "flash_flood", "081": "river_overflow", "119": "landslide",
    "159": "heavy_rain", "187": "storm", "203": "tsunami", "098": "heat", "004": "air_quality",
}  # fmt: skip
_WORDS = (
    ("flash_flood", ("flash flood", "น้ำท่วมฉับพลัน", "น้ำป่าไหลหลาก")),
    ("landslide", ("landslide", "ดินถล่ม", "ดินโคลนถล่ม")),
    ("tsunami", ("tsunami", "สึนามิ")),
    ("reservoir_release", ("dam release", "reservoir release", "ระบายน้ำ")),
    ("earthquake", ("earthquake", "แผ่นดินไหว")),
    ("heavy_rain", ("heavy rain", "rainfall", "ฝนตกหนัก", "ฝนหนัก")),
    ("river_overflow", ("flood", "น้ำล้นตลิ่ง", "น้ำท่วม", "อุทกภัย")),
    ("storm", ("storm", "cyclone", "typhoon", "พายุ", "ไต้ฝุ่น")),
    ("heat", ("heat", "ความร้อน", "อากาศร้อน")),
    ("air_quality", ("air quality", "pm2.5", "ฝุ่น")),
)


def bulletin(xml: bytes, source: str, fetched_at: datetime) -> Bulletin | None:
    """The bulletin of one message; None for what must never become one: a status other than Actual, a scope other than Public, a
    Cancel, Ack or Error, and a message without words.

    fetched_at: aware UTC. Raises Implausible for what is no CAP message, or one of tomorrow.
    """
    if len(xml) > LARGEST:
        raise Implausible("a message larger than 1 MB")
    try:
        root = tree(xml)
    except Refused as refused:
        raise Implausible(str(refused)) from None
    space, _, name = str(root.tag).rpartition("}")
    if name != "alert" or space.lstrip("{") not in CAP_NAMESPACES:
        raise Implausible(f"no CAP message but <{str(root.tag)[:60]}>")
    identifier, sender, sent_text = (_text(root, part) for part in ("identifier", "sender", "sent"))
    if not (identifier and sender and sent_text):
        raise Implausible("no identifier, sender or sent")
    sent = _time(sent_text)
    if sent is None:
        raise Implausible(f"sent is no time with a zone: {sent_text[:40]!r}")
    if sent > fetched_at + AHEAD_AT_MOST:
        raise Implausible(f"sent more than a day ahead: {sent_text[:40]}")
    infos = _children(root, "info")
    if _text(root, "status") != "Actual" or _text(root, "scope") not in ("Public", ""):
        return None
    if _text(root, "msgType") not in ("Alert", "Update") or not infos:
        return None
    thai, english = _in_language(infos, thai=True), _in_language(infos, thai=False)
    first = thai if thai is not None else infos[0]
    areas = [area for info in infos for area in _children(info, "area")]
    rings, centre = _shapes(areas)
    begins = min(
        (t for info in infos if (t := _time(_text(info, "onset") or _text(info, "effective")))), default=sent
    )
    codes = _codes(areas)
    if not codes and not rings:
        codes = areas_named(" ".join(_text(area, "areaDesc") for area in areas))
    return Bulletin(
        source=source, key=f"{sender},{identifier},{sent_text}", title_th=_title(first), text_th=_words(first),
        title_en=_title(english) if english is not None else None, text_en=_words(english) if english is not None else None,
        announced_at=sent, effective_from=begins, effective_to=_end(infos, sent, begins), areas=codes,
        severity=min((s for i in infos if (s := _text(i, "severity")) in SEVERITIES), key=SEVERITIES.index, default=None),
        url=next((web for info in infos if (web := _text(info, "web")).startswith(("http://", "https://"))), None),
        hazard=_hazard(infos), lat=centre[0] if centre else None, lon=centre[1] if centre else None,
        radius_km=centre[2] if centre else None, polygons=rings[:MOST_RINGS],
    )  # fmt: skip


def _end(infos: Iterable[etree._Element], sent: datetime, begins: datetime) -> datetime:
    """When the last of its blocks runs out. An end before its own beginning, though after `sent`, is a slip of the pen."""
    ends = [_time(_text(info, "expires")) for info in infos if not _clears(info)]
    told = max((end for end in ends if end is not None), default=None)
    if not ends:
        return sent  # an all-clear: nothing of it is in force
    if told is None or sent < told < begins:
        return begins + WITHOUT_EXPIRES
    return told


def _clears(info: etree._Element) -> bool:
    responses = [(child.text or "").strip() for child in _children(info, "responseType")]
    return "AllClear" in responses or _text(info, "urgency") == "Past"


def _title(info: etree._Element) -> str:
    return _text(info, "headline") or _text(info, "event") or _words(info)[:160]


def _words(info: etree._Element) -> str:
    parts = (_text(info, name) for name in ("description", "instruction"))
    return "\n".join(part for part in parts if part) or _text(info, "headline") or _text(info, "event")


def _in_language(infos: Iterable[etree._Element], *, thai: bool) -> etree._Element | None:
    """A block's letters count before its label: TMD's Thai file says nothing, which means en-US."""
    return next((info for info in infos if bool(_THAI.search(_title(info) + _words(info))) == thai), None)


def _hazard(infos: Iterable[etree._Element]) -> str | None:
    for info in infos:
        for code in _children(info, "eventCode"):
            if found := _HAZARD.get(_text(code, "value").upper().removeprefix("OET-")):
                return found
    said = " ".join(f"{_text(info, 'event')} {_text(info, 'headline')}" for info in infos).lower()
    return next((hazard for hazard, words in _WORDS if any(word in said for word in words)), None)


def _codes(areas: Iterable[etree._Element]) -> tuple[str, ...]:
    """Digits of changwat (2), amphoe (4) or tambon (6), sorted."""
    found = set()
    for area in areas:
        for geocode in _children(area, "geocode"):
            name, value = _text(geocode, "valueName").upper(), _text(geocode, "value").upper()
            digits = value.removeprefix("TH-").removeprefix("TH")
            if not re.fullmatch(r"\d+", digits, re.ASCII):
                continue
            if name == "ISO3166-2":
                found.update([digits] if value.startswith("TH-") and len(digits) == 2 else [])
            elif len(digits) in _OF_A_PLACE and (name in _OURS or value.startswith("TH")):
                found.add(digits[:6])
    return tuple(sorted(found))


def _shapes(areas: Iterable[etree._Element]) -> tuple[tuple[Ring, ...], tuple[float, float, float] | None]:
    """Rings of polygons and circles, and the first circle's (lat, lon, radius in km)."""
    rings: dict[Ring, None] = {}
    centre = None
    for area in areas:
        for polygon in _children(area, "polygon"):
            pairs = [_PAIR.fullmatch(word) for word in (polygon.text or "").split()]
            points = [(float(p[1]), float(p[2])) for p in pairs if p]
            if len(points) == len(pairs) >= 4 and points[0] == points[-1] and all(map(_on_earth, points)):
                rings[tuple(points)] = None
        for circle in _children(area, "circle"):
            pair, _, radius = (circle.text or "").strip().partition(" ")
            found = _PAIR.fullmatch(pair)
            try:
                km = float(radius)
            except ValueError:
                continue
            if found and _on_earth((float(found[1]), float(found[2]))) and 0 <= km <= 5_000:
                round_it = (float(found[1]), float(found[2]), km)
                centre = centre or round_it
                if km:
                    rings[_ring(*round_it)] = None
    return tuple(rings), centre


def _on_earth(point: tuple[float, float]) -> bool:
    return abs(point[0]) <= 90 and abs(point[1]) <= 180


def _ring(lat: float, lon: float, km: float) -> Ring:
    wide = km / _KM_PER_DEG
    narrow = wide / max(math.cos(math.radians(lat)), 0.1)
    turns = [2 * math.pi * nth / _CORNERS for nth in range(_CORNERS)]
    points = [(round(lat + wide * math.sin(t), 5), round(lon + narrow * math.cos(t), 5)) for t in turns]
    return (*points, points[0])


def _time(told: str) -> datetime | None:
    """CAP's time as an instant in UTC; None for what has no zone or is no time."""
    try:
        moment = datetime.fromisoformat(told)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return [c for c in parent if isinstance(c.tag, str) and c.tag.rpartition("}")[2] == name]


def _text(parent: etree._Element, name: str) -> str:
    found = _children(parent, name)
    return (found[0].text or "").strip() if found else ""
