"""What is in force, for other systems: an Atom and an RSS feed of the CAP messages, as they were issued and signed.

An update and a cancel stay in the feed until a day after they expire, and an alert missing from it has not ended: only its own
update, cancel or expiry ends it. `updated` of the feed moves every minute also when nothing happens: that is the heartbeat; a
reader that sees it stand still for two minutes must read silence, not calm. Exercises have a feed of their own.
Source: OASIS CAP Feeds 1.0; RFC 4287; RSS 2.0.1.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from lxml import etree
from sqlmodel import col, select

from geo.when import utc
from warning.alert import Alert, Mode
from warning.office import Office
from warning.web.public.alert_view import PUBLIC
from warning.web.render import office_of

router = APIRouter()
KEPT_AFTER_END = timedelta(days=1)
_ATOM = "http://www.w3.org/2005/Atom"
_CAP = "application/cap+xml"


@router.get("/cap.atom")
def atom(request: Request) -> Response:
    return _feed(request, Mode.ACTUAL, _atom, "application/atom+xml")


@router.get("/exercise.atom")
def exercise_atom(request: Request) -> Response:
    return _feed(request, Mode.EXERCISE, _atom, "application/atom+xml")


@router.get("/cap.rss")
def rss(request: Request) -> Response:
    return _feed(request, Mode.ACTUAL, _rss, "application/rss+xml")


@router.get("/exercise.rss")
def exercise_rss(request: Request) -> Response:
    return _feed(request, Mode.EXERCISE, _rss, "application/rss+xml")


Writer = Callable[[Sequence[Alert], str, str, str, datetime], bytes]


def _feed(request: Request, mode: Mode, write: Writer, media_type: str) -> Response:
    office = office_of(request)
    beat = office.clock.now().replace(second=0, microsecond=0)
    base = str(office.config.office.public_url or request.base_url).rstrip("/")
    body = write(_told(office, mode, beat), base, request.url.path, _title(office, mode), beat)
    return Response(body, media_type=f"{media_type}; charset=utf-8")


def _told(office: Office, mode: Mode, now: datetime) -> Sequence[Alert]:
    """Newest first."""
    with office.database.session() as session:
        return session.exec(
            select(Alert)
            .where(
                Alert.mode == mode, col(Alert.state).in_(PUBLIC), col(Alert.expires_at) > now - KEPT_AFTER_END
            )
            .order_by(col(Alert.issued_at).desc())
        ).all()


def _title(office: Office, mode: Mode) -> str:
    front = "ฝึกซ้อม EXERCISE · " if mode is Mode.EXERCISE else ""
    return f"{front}{office.config.office.name_th} · {office.config.office.name_en}"


def _atom(alerts: Sequence[Alert], base: str, path: str, title: str, beat: datetime) -> bytes:
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]  # None is the default prefix

    def add(parent: etree._Element, name: str, words: str = "", **attributes: str) -> etree._Element:
        child = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
        child.text = words or None
        return child

    add(feed, "id", base + path)
    add(feed, "title", title)
    add(feed, "updated", beat.isoformat())
    add(feed, "link", rel="self", href=base + path)
    add(add(feed, "author"), "name", title)
    for alert in alerts:
        entry = add(feed, "entry")
        add(entry, "id", f"urn:uuid:{alert.id}")
        add(entry, "title", alert.words.get("headline_th") or alert.number)
        add(entry, "updated", _issued(alert).isoformat())
        add(entry, "summary", alert.words.get("headline_en") or alert.number)
        add(entry, "link", rel="alternate", type=_CAP, href=_cap_of(alert, base))
        add(entry, "link", rel="related", type="text/html", href=f"{base}/a/{alert.id}")
    return _written(feed)


def _rss(alerts: Sequence[Alert], base: str, path: str, title: str, beat: datetime) -> bytes:
    rss = etree.Element("rss", version="2.0")
    channel = etree.SubElement(rss, "channel")

    def add(parent: etree._Element, name: str, words: str, **attributes: str) -> None:
        etree.SubElement(parent, name, attributes).text = words

    add(channel, "title", title)
    add(channel, "link", f"{base}/now")
    add(channel, "description", title)
    add(channel, "lastBuildDate", format_datetime(beat))
    add(channel, "ttl", "1")
    for alert in alerts:
        item = etree.SubElement(channel, "item")
        add(item, "title", alert.words.get("headline_th") or alert.number)
        add(item, "description", alert.words.get("headline_en") or alert.number)
        add(item, "link", _cap_of(alert, base))
        add(item, "guid", f"urn:uuid:{alert.id}", isPermaLink="false")
        add(item, "pubDate", format_datetime(_issued(alert)))
    return _written(rss)


def _issued(alert: Alert) -> datetime:
    return utc(alert.issued_at or alert.drafted_at)


def _cap_of(alert: Alert, base: str) -> str:
    return f"{base}/api/v1/alerts/{alert.id}.cap"


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")
