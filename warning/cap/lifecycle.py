"""The life of messages: what ends what, which are one event, what is in force (CAP 1.2; our rules of docs/cap.md).

`Book` takes messages as they arrive, in whatever order, and answers what stood at any moment, from what had arrived by then.
An arrival never changes an earlier one; it only makes more known. Silence and absence end nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import shapely
from lxml import etree

from warning.cap.bytes_in import NAMESPACE, tree
from warning.cap.document import CapDocument, Info, Reference
from warning.cap.reader import read_cap
from warning.cap.schema import SEVERITIES
from warning.cap.validate import Problem, problems
from warning.words.facts import Both

WITHOUT_EXPIRES = timedelta(hours=24)  # our policy where a message says no end
ENDS = frozenset({"Update", "Cancel"})
TELLS = frozenset({"Alert", "Update"})

Key = tuple[str, str, datetime]


class Arrival(NamedTuple):
    """What became of one arrival. expect: accepted, duplicate, conflict, quarantined, accepted-dangling-reference,
    accepted-probable-reissue, accepted-already-cancelled or accepted-already-superseded."""

    expect: str
    received: datetime  # aware UTC
    message: "Message | None"  # None: it could not be read
    reasons: tuple[Problem, ...] = ()


class State(NamedTuple):
    """What stands at one moment. Messages are named `sender,identifier,sent` as they wrote it, in the order of their sent."""

    active: list[str]
    exercise_active: list[str]
    events: int  # of status Actual, seen so far
    tambons: list[str]  # TIS1099 codes in force
    dangling: list[str]  # references to what nobody has seen
    severity: str | None  # the highest in force
    ended_by: str | None  # what ended the latest event, None while it runs


@dataclass(frozen=True)
class Message:
    """A message with what its life depends on."""

    document: CapDocument
    sent_text: str
    written: tuple[str, ...]  # its references, as written
    content: bytes  # canonical, white space between elements left out

    @property
    def key(self) -> Key:
        return self.document.sender, self.document.identifier, self.document.sent

    @property
    def named(self) -> str:
        return f"{self.document.sender},{self.document.identifier},{self.sent_text}"

    @property
    def references(self) -> list[Reference]:
        """What it names, itself left out."""
        return [r for r in self.document.references if (r.sender, r.identifier, r.sent) != self.key]

    def running(self, at: datetime) -> list[Info]:
        """Its blocks that still warn at a moment: not expired, not an all-clear."""
        return [info for info in self.document.infos if not _clears(info) and at < self.expires(info)]

    def expires(self, info: Info) -> datetime:
        return info.expires or self.document.sent + WITHOUT_EXPIRES


def _clears(info: Info) -> bool:
    return "AllClear" in info.response_types or info.urgency == "Past"


class Book:
    """All arrivals so far."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self._by_key: dict[Key, Message] = {}

    def arrive(self, xml: bytes, received: datetime) -> Arrival:
        """Take one arrival in. received: aware. Raises nothing for any bytes."""
        made = self._judge(xml, received)
        self.arrivals.append(made)
        if made.message is not None and made.expect.startswith("accepted"):
            self._by_key[made.message.key] = made.message
        return made

    def _judge(self, xml: bytes, received: datetime) -> Arrival:
        found = problems(xml)
        stops = tuple(p for p in found if p.refuses or p.code in _STOPS)
        if stops and stops[0].refuses:
            return Arrival("quarantined", received, None, stops)
        message = read_message(xml)
        if message.document.sent > received + _AHEAD:
            stops = (*stops, _FROM_TOMORROW)
        known = self._by_key.get(message.key)
        if known is not None:
            same = known.content == message.content
            return Arrival("duplicate" if same else "conflict", received, message, tuple(found))
        named = message.references
        if (
            named
            and message.document.msg_type in ENDS
            and all(r.sender != message.document.sender for r in named)
        ):
            stops = (*stops, _NOT_THEIRS)
        if stops:
            return Arrival("quarantined", received, message, stops)
        return Arrival(self._life(message, received), received, message, tuple(found))

    def _life(self, message: Message, received: datetime) -> str:
        ending = [other for other in self._by_key.values() if _ends(other, message)]
        if any(other.document.msg_type == "Cancel" for other in ending):
            return "accepted-already-cancelled"
        if ending:
            return "accepted-already-superseded"
        if any((r.sender, r.identifier, r.sent) not in self._by_key for r in message.references):
            return "accepted-dangling-reference"
        if message.document.msg_type == "Alert" and any(self._reissues(message, received)):
            return "accepted-probable-reissue"
        return "accepted"

    def _reissues(self, message: Message, at: datetime) -> Iterator[Message]:
        """Messages still running that this one most likely says again under a new number."""
        for other in self._by_key.values():
            if _same_again(message, other, at) and not any(_ends(e, other) for e in self._by_key.values()):
                yield other

    def at(self, moment: datetime) -> State:
        """What stood then, from what had arrived by then. moment: aware."""
        known = [
            a.message
            for a in self.arrivals
            if a.received <= moment and a.message and a.expect.startswith("accepted")
        ]
        known.sort(key=lambda m: (m.document.sent, m.named))
        ended = {m.key: [other for other in known if _ends(other, m)] for m in known}
        standing = [
            m for m in known if m.document.msg_type in TELLS and not ended[m.key] and m.running(moment)
        ]
        active = [m for m in standing if m.document.status == "Actual"]
        events = [e for e in _events(known) if e[0].document.status == "Actual"]
        infos = [info for m in active for info in m.running(moment)]
        seen = {m.key for m in known}
        missing = dict.fromkeys(
            written for m in known for r, written in zip(m.document.references, m.written, strict=True)
            if (r.sender, r.identifier, r.sent) not in seen
        )  # fmt: skip
        return State(
            [m.named for m in active], [m.named for m in standing if m.document.status == "Exercise"], len(events),
            sorted({g.value for info in infos for area in info.areas for g in area.geocodes if g.name == "TIS1099"}),
            list(missing), min((info.severity for info in infos), key=SEVERITIES.index, default=None),
            _ended_by(events, active),
        )  # fmt: skip


_STOPS = frozenset({"hold.exercise_words"})  # an Actual message that says it is none waits for a person
_AHEAD = timedelta(days=1)  # a clock, or a calendar, gone wrong: 2569 is no year of CAP
_FROM_TOMORROW = Problem("hold.sent", Both("เวลาที่ส่งอยู่ในอนาคต", "sent more than a day after its arrival"))
_NOT_THEIRS = Problem(
    "hold.not_theirs", Both("อ้างถึงข้อความของผู้อื่น", "it would end another sender's message, which it may not")
)


def read_message(xml: bytes) -> Message:
    """Raises Refused."""
    root = tree(xml)
    document = read_cap(xml)
    sent, references = (root.findtext(f"{{{NAMESPACE}}}{name}") or "" for name in ("sent", "references"))
    return Message(document, sent.strip(), tuple(references.split()), _content(root))


def _content(root: etree._Element) -> bytes:
    """What it says, without the white space between its elements, prefixes and a signature: re-wrapped is still the same."""
    parts = []
    for element in root.iter():
        if not str(element.tag).startswith("{http://www.w3.org/2000/09/xmldsig#}"):
            depth = sum(1 for _ in element.iterancestors())
            parts.append(f"{depth} {element.tag} {(element.text or '').strip()}")
    return "\n".join(parts).encode()


def _ends(other: Message, message: Message) -> bool:
    """Does `other` end `message`? Only its sender may, only later, and what is no real alert never ends one."""
    by, of = other.document, message.document
    return (
        by.msg_type in ENDS and by.sender == of.sender and by.status == of.status and by.sent >= of.sent
        and any((r.sender, r.identifier, r.sent) == message.key for r in other.references)
    )  # fmt: skip


def _same_again(message: Message, other: Message, at: datetime) -> bool:
    """Our rule of a re-issue: an Alert of one sender, of the same event, over ground another of theirs still warns."""
    one, two = message.document, other.document
    return (
        message.key != other.key and (one.sender, one.status) == (two.sender, two.status) and two.msg_type in TELLS
        and bool(other.running(at)) and bool(_codes(one.infos) & _codes(two.infos)) and _overlap(one.infos, two.infos)
    )  # fmt: skip


def _codes(infos: Iterable[Info]) -> set[tuple[str, str]]:
    """What it is about: event codes, and the event's own words where there are none."""
    infos = list(infos)
    coded = {(code.name, code.value) for info in infos for code in info.event_codes}
    return coded or {("event", info.event.casefold()) for info in infos}


def _overlap(one: Iterable[Info], two: Iterable[Info]) -> bool:
    ours, theirs = ([area for info in infos for area in info.areas] for infos in (one, two))
    coded = [
        {(g.name, g.value) for area in areas for g in area.geocodes if g.name != "ISO3166-2"}
        for areas in (ours, theirs)
    ]
    if coded[0] & coded[1]:
        return True
    shapes = [
        shapely.unary_union([shapely.Polygon(r).buffer(0) for a in areas for r in a.polygons])
        for areas in (ours, theirs)
    ]
    if any(shape.is_empty for shape in shapes):
        provinces = [{g.value for area in areas for g in area.geocodes} for areas in (ours, theirs)]
        return bool(provinces[0] & provinces[1]) and not all(coded)
    return bool(shapes[0].intersection(shapes[1]).area > 0)


def _events(known: Sequence[Message]) -> list[list[Message]]:
    """Messages joined by references, by names of incidents, or as a re-issue; a drill's never with real ones."""
    of: dict[object, int] = {}
    joined = list(range(len(known)))

    def root(nth: int) -> int:
        while joined[nth] != nth:
            nth = joined[nth]
        return nth

    for nth, message in enumerate(known):
        status = message.document.status
        about: list[object] = [(status, message.key)]
        about += [(status, (r.sender, r.identifier, r.sent)) for r in message.references]
        about += [(status, "incident", name) for name in message.document.incidents]
        for thing in about:
            joined[root(nth)] = root(of.setdefault(thing, nth))
        if message.document.msg_type == "Alert":
            for before, other in enumerate(known[:nth]):
                if _same_again(message, other, message.document.sent):
                    joined[root(nth)] = root(before)
    found: dict[int, list[Message]] = {}
    for nth, message in enumerate(known):
        found.setdefault(root(nth), []).append(message)
    return list(found.values())


def _ended_by(events: Sequence[Sequence[Message]], active: Sequence[Message]) -> str | None:
    """What ended the event last spoken of; None while it runs, and where it only expired."""
    if not events:
        return None
    latest = max(events, key=lambda event: max(m.document.sent for m in event))
    if any(message in active for message in latest):
        return None
    closing = [
        m
        for m in latest
        if m.document.msg_type == "Cancel" or (m.document.msg_type == "Update" and _all_clear(m))
    ]
    return max(closing, key=lambda m: m.document.sent).named if closing else None


def _all_clear(message: Message) -> bool:
    return bool(message.document.infos) and all(map(_clears, message.document.infos))
