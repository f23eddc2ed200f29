"""Events of the Global Disaster Alert and Coordination System: earthquakes, cyclones, floods, volcanoes, droughts, wildfires.

RSS with fields of its own. Its colour is an estimate of need for international help, so Green may still be deadly in one village:
it is handed on as GDACS says it, never read as calm. Old episodes stay in the feed for weeks; what is not current says so. Its box
is the window of its map and no area of danger, so no shape is given. Feed notes: docs/sources/gdacs.md.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

import requests
from lxml import etree

from sources import polite
from sources.cap_xml import Refused, is_page, tree
from sources.checks import OLDEST_YEAR, Implausible, not_ahead, number, within
from sources.contract import Bulletin, Payload, Reading, Rejected, Source, SourceChanged
from sources.envelope import json_of
from sources.rows import moment, pick, words

URL = "https://www.gdacs.org/xml/rss.xml"
SEVERITY = {"green": "Minor", "orange": "Severe", "red": "Extreme"}  # GDACS has three colours
HAZARD = {"EQ": "earthquake", "TC": "storm", "FL": "river_overflow", "TS": "tsunami"}
EVENT_TH = {
    "EQ": "แผ่นดินไหว", "TC": "พายุหมุนเขตร้อน", "FL": "น้ำท่วม", "TS": "สึนามิ", "VO": "ภูเขาไฟ", "DR": "ภัยแล้ง", "WF": "ไฟป่า",
}  # fmt: skip
COLOUR_TH = {"green": "เขียว", "orange": "ส้ม", "red": "แดง"}
MOST_EVENTS = 20_000  # the RSS has dozens, a year of its list some thousands
_MAGNITUDE = re.compile(r"(?:Magnitude\s*|\bM\s*)(\d{1,2}(?:\.\d+)?)\s*M?", re.IGNORECASE)


class Gdacs(Source):
    """Bulletins of large events anywhere."""

    signs: ClassVar[tuple[str, ...]] = ("<gdacs:", "xmlns:gdacs")
    may_be_empty: ClassVar[bool] = True

    url: str = URL
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return polite.payload(http, self.url, now, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        if payload.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return self._of_list(json_of(payload.body, self.name), payload.fetched_at)
        if not payload.body.strip():
            raise SourceChanged(f"{self.name}: an empty answer")
        if is_page(payload.body):
            raise SourceChanged(f"{self.name}: a page of HTML instead of the feed")
        try:
            root = tree(payload.body)
        except Refused as error:
            raise SourceChanged(f"{self.name}: {error}") from None
        if etree.QName(root).localname.lower() != "rss" or root.find("channel") is None:
            raise SourceChanged(f"{self.name}: no RSS channel but <{etree.QName(root).localname[:40]}>")
        items = [item for channel in root.iter("channel") for item in channel.iter("item")]
        self._no_more_than_any_feed_has(items)
        return _each_once(_bulletin(dict(_texts(item)), self.name, payload.fetched_at) for item in items)

    def _of_list(self, told: Any, fetched_at: datetime) -> list[Reading]:
        """The event list of its API: GeoJSON."""
        features = told.get("features") if isinstance(told, dict) else told
        if not isinstance(features, list):
            raise SourceChanged(f"{self.name}: no list of events in the answer")
        self._no_more_than_any_feed_has(features)
        return _each_once(self._of_feature(feature, fetched_at) for feature in features)

    def _no_more_than_any_feed_has(self, events: Sequence[Any]) -> None:
        if len(events) > MOST_EVENTS:
            raise SourceChanged(f"{self.name}: {len(events):,} events, more than this feed ever had")

    def _of_feature(self, feature: Any, fetched_at: datetime) -> Reading:
        try:
            return _bulletin(_of_feature(feature), self.name, fetched_at)
        except Implausible as error:
            return Rejected(feature, why=str(error))


def _each_once(readings: Iterable[Reading]) -> list[Reading]:
    """Of bulletins with one key the newest: the same episode told twice."""
    newest: dict[str, Bulletin] = {}
    told = list(readings)
    for reading in told:
        if isinstance(reading, Bulletin):
            before = newest.get(reading.key)
            if before is None or before.announced_at < reading.announced_at:
                newest[reading.key] = reading
    return [r for r in told if not isinstance(r, Bulletin) or newest[r.key] is r]


def _of_feature(feature: Any) -> dict[str, str]:
    """A feature of the event list by the names of the RSS."""
    told = pick(feature, "properties")
    if not isinstance(told, Mapping):
        return {}
    raw = {
        str(name).lower(): text
        for name, told_one in told.items()
        if (text := told_one if isinstance(told_one, str) else words(told_one) or "")
    }
    measured = number(pick(told, "severitydata.severity"))
    raw["title"] = raw.get("htmldescription") or raw.get("name") or raw.get("description", "")
    raw["link"] = words(pick(told, "url.report")) or ""
    raw["severity"] = words(pick(told, "severitydata.severitytext")) or ""
    raw["severity_value"] = "" if measured is None else str(measured)
    pair = pick(feature, "geometry.coordinates")
    if isinstance(pair, list) and len(pair) >= 2 and all(isinstance(n, int | float) for n in pair[:2]):
        raw["long"], raw["lat"] = str(pair[0]), str(pair[1])
    return raw


def _bulletin(raw: dict[str, str], source: str, fetched_at: datetime) -> Reading:
    """One event; what cannot be read is kept with the reason."""
    try:
        kind = raw.get("eventtype", "").upper()
        if kind not in EVENT_TH:
            raise Implausible(
                f"no kind of event we know: {kind[:10]!r}" if kind else "no kind of event is told"
            )
        event = raw.get("eventid") or re.sub(r"^\D+", "", raw.get("guid", ""))
        if not event:
            raise Implausible("no number of the event")
        colour = (raw.get("episodealertlevel") or raw.get("alertlevel") or "").lower()
        if colour and colour not in SEVERITY:
            raise Implausible(f"no colour of GDACS: {colour[:20]!r}")
        announced_at = _time(raw.get("datemodified") or raw.get("pubdate") or raw.get("fromdate"))
        not_ahead(announced_at, fetched_at)
        begins, ends = _time_or_none(raw.get("fromdate")), _time_or_none(raw.get("todate"))
        if raw.get("iscurrent", "true").lower() == "false":
            ends = ends or announced_at
        elif ends is not None and ends <= announced_at:
            ends = None  # a current event's `todate` is the last look at it, not its end
        lat, lon = _point(raw)
        measured = number(raw.get("severity_value"))
        named = _MAGNITUDE.search(raw.get("severity", ""))
        magnitude = (float(named[1]) if named else measured) if kind == "EQ" else None
        title = raw.get("title") or raw.get("description") or f"{kind} {event}"
        country = raw.get("country", "")
        return Bulletin(
            source=source,
            key=f"{kind}{event} {raw.get('episodeid') or announced_at.isoformat()} {colour or '?'}",
            title_th=" ".join(filter(None, (EVENT_TH[kind], raw.get("eventname"), country)))[:200],
            title_en=title[:500],
            text_th=f"GDACS ระดับ{COLOUR_TH.get(colour, 'ไม่ระบุ')}: {raw.get('description') or title}",
            text_en=raw.get("description") or title,
            announced_at=announced_at,
            effective_from=begins,
            effective_to=ends,
            areas=(),
            severity=SEVERITY.get(colour),
            url=next((u for u in (raw.get("link"), raw.get("cap")) if u and u.startswith("http")), None),
            hazard=HAZARD.get(kind),
            lat=lat,
            lon=lon,
            magnitude=magnitude if magnitude is not None and 0 <= magnitude <= 10 else None,
        )
    except Implausible as error:
        return Rejected(dict(raw), why=str(error))


def _texts(item: etree._Element) -> Iterator[tuple[str, str]]:
    """(local name in small letters, text) of an item's own fields; of a point its two numbers."""
    for child in item.iterchildren():
        name = etree.QName(child).localname.lower()
        text = " ".join("".join(map(str, child.itertext())).split()) if name != "resources" else ""
        if name == "point" and len(child):
            for part in child.iterchildren():
                yield etree.QName(part).localname.lower(), (part.text or "").strip()
        elif text:
            yield name, text[:4_000]
        if name == "severity" and child.get("value"):
            yield "severity_value", str(child.get("value"))[:40]


def _time(told: str | None) -> datetime:
    """RFC 822, or ISO as GDACS's newer fields write it; without a zone it is UTC. Aware UTC. Raises Implausible."""
    if not told:
        raise Implausible("no time is told")
    try:
        found = parsedate_to_datetime(told)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return moment(told, UTC)
    if found.year < OLDEST_YEAR:
        raise Implausible(f"the year {found.year} cannot be")
    return found


def _time_or_none(told: str | None) -> datetime | None:
    try:
        return _time(told)
    except Implausible:
        return None


def _point(raw: dict[str, Any]) -> tuple[float, float] | tuple[None, None]:
    lat, lon = raw.get("lat"), raw.get("long") or raw.get("lon")
    if lat is None and isinstance(raw.get("point"), str):
        lat, _, lon = raw["point"].replace(",", " ").partition(" ")
    try:
        north, east = number(lat), number((lon or "").strip())
        if north is None or east is None:
            return None, None
        within(north, -90, 90, "latitude")
        within(east, -180, 180, "longitude")
    except Implausible:
        return None, None
    return north, east
