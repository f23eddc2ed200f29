"""CAP messages of agencies, polled: a feed (Atom, RSS, EDXL-DE), then each message it links to, once.

What is fetched is kept as it came: the feed alone where it brought no link, else the feed and the messages byte for
byte in one envelope. An empty feed is a healthy answer; a page, half a feed or an error is a source that is down, never
calm; a message missing from the feed is not ended. Feed notes: docs/sources/cap_feed.md.
"""

import base64
import binascii
import ipaddress
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import requests
from pydantic import Field

from sources import polite
from sources.cap_apart import Apart, Killed, Slow
from sources.cap_index import VALID, Entry, Feed, read_feed
from sources.cap_message import LARGEST, bulletin
from sources.cap_xml import LARGEST as LARGEST_FEED
from sources.cap_xml import opening
from sources.checks import Implausible
from sources.contract import Bulletin, Payload, Reading, Rejected, Source, SourceChanged, SourceUnavailable
from sources.envelope import json_of

ENVELOPE = "raksa_cap_feed"
_TAKEN_FOR = timedelta(
    hours=12
)  # then asked again: an answer lost between the wire and the database comes again
_MOST_TAKEN = 5_000
_ONLY_LINK = "only a link: the message itself is not in this payload"
_READER = Apart()


class Received(NamedTuple):
    """One message as it came."""

    xml: bytes
    via: str  # its link, or `in the feed`


@dataclass
class _Taken:
    """What this process has of one feed: links already fetched, and the feed whose links are not all fetched."""

    links: dict[tuple[str, str], datetime] = field(default_factory=dict)
    unfinished: bytes | None = None


_TAKEN: dict[str, _Taken] = {}
_LOCK = Lock()


class _Outside(requests.Session):
    """Asks only hosts of the open internet, and the feed's own: a link in a feed is a stranger's wish."""

    def __init__(self, http: requests.Session, home: str) -> None:
        super().__init__()
        self.http, self.home = http, home

    def request(self, method: str | bytes, url: str | bytes, *what: Any, **how: Any) -> requests.Response:
        """What every way of asking comes to, also for each redirect, which `polite` follows step by step. Raises SourceUnavailable."""
        host = urlsplit(str(url)).hostname or ""
        if host != self.home and not _is_public(host, bool(requests.utils.get_environ_proxies(str(url)))):
            raise SourceUnavailable("lies in a private network, where no link of a feed leads us")
        return self.http.request(method, url, *what, **how | {"allow_redirects": False})


def _is_public(host: str, by_proxy: bool) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    if by_proxy:
        return "." in host  # the proxy looks it up
    try:
        found = {str(told[4][0]) for told in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found)


class CapFeed(Source):
    """Bulletins of any agency that publishes CAP. Never an alert by itself."""

    signs: ClassVar[tuple[str, ...]] = (ENVELOPE, "urn:oasis:names:tc:emergency:cap", "application/cap+xml")
    may_be_empty: ClassVar[bool] = True

    url: str
    who: Literal["ddpm", "tmd", "municipality", "reservoir", "other"] = "other"  # whose words these are
    trusted: tuple[str, ...] = ()  # PEM of the sender's certificate or key, pinned
    authorities: tuple[str, ...] = ()  # PEM of a CA
    signature: Literal["required", "if_present", "ignored"] = "if_present"  # what of it must hold
    most_messages: int = Field(default=60, ge=1, le=500)  # fetched in one round; the others in the next
    deadline: timedelta = timedelta(seconds=30)  # for the feed, and for all its messages together

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        """Raises SourceUnavailable when the feed does not answer; a message that does not is told and asked for again."""
        with _LOCK:
            taken = _TAKEN.setdefault(self.url, _Taken())
        answer = polite.get(http, self.url, now, deadline=self.deadline, max_bytes=LARGEST_FEED)
        if isinstance(answer, polite.NotModified):
            if taken.unfinished is None:
                return Payload(b"", fetched_at=now, not_modified=True)
            answer = taken.unfinished
        try:
            feed = self._look(answer, self.url)
        except SourceChanged:
            return Payload(answer, fetched_at=now)  # `read` says what it is
        new = _new_entries(feed, taken, now)
        if not new:
            taken.unfinished = None
            known = bool(feed.links) and not any(entry.alerts for entry in feed.entries)
            return Payload(b"" if known else answer, fetched_at=now, not_modified=known)
        messages, failed = self._messages(_Outside(http, urlsplit(self.url).hostname or ""), new, taken, now)
        taken.unfinished = answer if failed or len(new) > len(messages) else None
        told = {
            ENVELOPE: 1, "url": _without_query(self.url), "feed": _packed(answer), "messages": messages, "failed": failed
        }  # fmt: skip
        return Payload(json.dumps(told, ensure_ascii=False).encode(), fetched_at=now)

    def _messages(
        self, http: requests.Session, new: list[Entry], taken: _Taken, now: datetime
    ) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Those fetched, and why others were not. Of links that fail three times in a row the host is left alone by `polite`."""
        ends = time.monotonic() + self.deadline.total_seconds()
        messages: list[dict[str, str]] = []
        failed: list[dict[str, str]] = []
        for entry in new[: self.most_messages]:
            link, left = str(entry.cap_link), ends - time.monotonic()
            if left <= 0:
                failed.append({"link": link, "why": "no time was left for it"})
                continue
            try:
                xml = polite.get(http, link, now, deadline=timedelta(seconds=left), max_bytes=LARGEST)
            except SourceUnavailable as error:
                failed.append({"link": link, "why": str(error)})
                continue
            except (requests.exceptions.RequestException, ValueError):
                failed.append({"link": link, "why": "no address anybody can ask"})
                continue
            taken.links[link, entry.updated or ""] = now
            if isinstance(xml, bytes):
                messages.append({"link": link, "xml": _packed(xml)})
        return messages, failed

    def read(self, payload: Payload) -> list[Reading]:
        """A bulletin for each message that may be one. What a feed only links to is told as rejected unless it has come with it."""
        messages, missing = self._parts(payload)
        readings: list[Reading] = []
        for received in messages:
            try:
                made = self._apart(bulletin, received.xml, self.name, payload.fetched_at)
            except Implausible as error:
                readings.append(Rejected(received.via, why=str(error)))
            else:
                readings += [made] if made is not None else []
        return [*_once(readings), *missing]

    def received(self, payload: Payload) -> list[Received]:
        """Every message of a payload, byte for byte, whatever its status. Raises SourceChanged."""
        return self._parts(payload)[0]

    def _parts(self, payload: Payload) -> tuple[list[Received], list[Rejected]]:
        """The messages that are there, and those that are not."""
        told = self._envelope(payload.body)
        body = payload.body if told is None else _unpacked(told, "feed", self.name)
        feed = self._look(body, self.url if told is None else str(told.get("url", "")))
        if told is None and any(reason.code == "feed.cap" for reason in feed.reasons):
            return [Received(body, "a file of its own")], []
        if feed.verdict != VALID:
            raise SourceChanged(f"{self.name}: {'; '.join(reason.en for reason in feed.reasons)}")
        inside = [Received(xml, "in the feed") for entry in feed.entries for xml in entry.alerts]
        if told is None:
            alone = [entry.cap_link for entry in feed.entries if entry.cap_link and not entry.alerts]
            return inside, [Rejected(link, why=_ONLY_LINK) for link in dict.fromkeys(alone)]
        rows, failed = (_rows(told, key, self.name) for key in ("messages", "failed"))
        inside += [Received(_unpacked(one, "xml", self.name), _line(one.get("link"))) for one in rows]
        return inside, [
            Rejected(_line(one.get("link")), why=_line(one.get("why")) or _ONLY_LINK) for one in failed
        ]

    def _envelope(self, body: bytes) -> Mapping[str, Any] | None:
        if not opening(body[:200]).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{"):
            return None
        told = json_of(body, self.name)
        if not isinstance(told, Mapping) or ENVELOPE not in told:
            raise SourceChanged(f"{self.name}: JSON, not a feed")
        return told

    def _look(self, body: bytes, url: str) -> Feed:
        """Whatever it is, as a feed with its verdict. Raises SourceChanged where reading it killed or hung the reader."""
        if len(body) > LARGEST_FEED:
            return read_feed(body)  # refused by its size
        feed: Feed = self._apart(read_feed, body, url if url.startswith("http") else None)
        return feed

    def _apart(self, work: Any, *what: Any) -> Any:
        try:
            return _READER.run(work, *what)
        except Killed:
            raise SourceChanged(f"{self.name}: reading it killed the process that read it") from None
        except Slow:
            raise SourceChanged(f"{self.name}: reading it took too long") from None


def _new_entries(feed: Feed, taken: _Taken, now: datetime) -> list[Entry]:
    """Entries whose link has not been fetched for this `updated`, each link once."""
    for key in [k for k, at in taken.links.items() if not timedelta() <= now - at < _TAKEN_FOR]:
        del taken.links[key]
    while len(taken.links) > _MOST_TAKEN:
        del taken.links[next(iter(taken.links))]
    new: dict[str, Entry] = {}
    for entry in feed.entries:
        if entry.cap_link and not entry.alerts and (entry.cap_link, entry.updated or "") not in taken.links:
            new.setdefault(entry.cap_link, entry)
    return list(new.values())


def _once(readings: list[Reading]) -> list[Reading]:
    """A message that two entries bring is one bulletin."""
    kept: dict[object, Reading] = {}
    for nth, reading in enumerate(readings):
        kept.setdefault(reading.key if isinstance(reading, Bulletin) else nth, reading)
    return list(kept.values())


def _rows(told: Mapping[str, Any], key: str, name: str) -> list[Mapping[str, Any]]:
    rows = told.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise SourceChanged(f"{name}: an envelope without a list of {key}")
    return rows


def _line(told: Any) -> str:
    return " ".join(told.split())[:500] if isinstance(told, str) else ""


def _packed(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unpacked(told: Mapping[str, Any], key: str, name: str) -> bytes:
    try:
        return base64.b64decode(str(told[key]), validate=True)
    except (KeyError, ValueError, binascii.Error):
        raise SourceChanged(f"{name}: an envelope without {key}") from None


def _without_query(url: str) -> str:
    """Keys travel in queries."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
