"""What is known when an alert is written. The unknown stays empty; the texts say so or leave it out."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from geo.errors import NotAllowed
from warning.alert import Mode

Lang = Literal["th", "en"]
LANGS: tuple[Lang, Lang] = ("th", "en")


class Both(NamedTuple):
    """The same thing in Thai and in English. Neither is ever empty where the other is not."""

    th: str
    en: str

    def say(self, lang: Lang, **blanks: str) -> str:
        """One language with its blanks filled. A blank without a value is a KeyError: a fault of ours."""
        return (self.th if lang == "th" else self.en).format(**blanks)


class Kind(StrEnum):
    """Which words an alert is written with. The first two tell people to act, the others end something."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"
    ALL_CLEAR = "all_clear"
    CORRECTION = "correction"  # a false alarm of ours, taken back in plain words


ENDING = frozenset({Kind.CANCEL, Kind.ALL_CLEAR, Kind.CORRECTION})


class MissingFact(NotAllowed):
    """A blank without which the alert may not be written; `name` is the field of AlertFacts."""

    def __init__(self, name: str, what: Both) -> None:
        super().__init__(
            f"ยังขาด{what.th} จึงเขียนการเตือนไม่ได้ (cannot write the alert without {what.en}: `{name}`)"
        )
        self.name = name


@dataclass(frozen=True, slots=True)
class PlaceFact:
    """One tambon, and the villages of it that are meant; no villages means the whole tambon."""

    tambon: Both  # plain names: ลำปำ, Lam Pam
    amphoe: Both
    villages: tuple[Both, ...] = ()  # as they are called: บ้านยาง, Ban Yang


@dataclass(frozen=True, slots=True)
class GaugeFact:
    station: Both
    level_m: float  # above mean sea level
    bank_m: float | None = None  # lowest bank, same datum; None: not known
    seen_at: datetime | None = None  # aware


@dataclass(frozen=True, slots=True)
class RainFact:
    station: Both
    mm: float
    hours: int = 24
    seen_at: datetime | None = None  # aware


@dataclass(frozen=True, slots=True)
class ShelterFact:
    name: Both
    open: bool  # now, as somebody there said


_GOVERNOR = Both("ผู้ว่าราชการจังหวัดพัทลุง", "the Governor of Phatthalung")  # the provincial director in law
_BRAND = Both("จ.พัทลุง", "Phatthalung Province")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who says so: the post in full where there is room, and the brand that stands in front of an SMS."""

    post: Both = _GOVERNOR
    brand: Both = _BRAND


GOVERNOR = Issuer()


@dataclass(frozen=True, slots=True)
class AlertFacts:
    number: str  # พท-2569-0012
    mode: Mode
    event: str  # a key of phrases.EVENTS: river_overflow, flash_flood, ...
    severity: str  # CAP words
    urgency: str
    certainty: str
    response_type: str
    places: tuple[PlaceFact, ...]
    expires: datetime  # aware
    phone: str  # to check the alert and to ask
    kind: Kind = Kind.ALERT
    issuer: Issuer = GOVERNOR
    water_by: datetime | None = None  # aware: the earliest that water may be there
    water_hours: tuple[int, int] | None = None  # from, to; used when `water_by` is not known
    gauge: GaugeFact | None = None
    rain: RainFact | None = None
    measured: Both | None = None  # what was seen, where it is no level of a gauge and no rain
    quality: Both | None = None  # how sure what was seen is: "2 of 3 gauges, one is stuck"
    impact: Both | None = None  # why this place is hit harder: who lives there, what stands there
    stays_days: tuple[int, int] | None = None  # from, to: how long the water will probably stay
    instruction: str | None = None  # a key of phrases.INSTRUCTIONS; None: by event and response type
    shelter: ShelterFact | None = None
    replaces: str | None = None  # the number of the alert that this one updates or ends
    untested: bool = False  # drafted by a rule not yet released


_REQUIRED = {
    "number": Both("เลขที่การเตือน", "its number"),
    "event": Both("เหตุการณ์", "the event"),
    "severity": Both("ความรุนแรง", "the severity"),
    "places": Both("พื้นที่", "the places"),
    "expires": Both("เวลาสิ้นสุด", "the time it ends"),
    "phone": Both("หมายเลขโทรศัพท์ให้ตรวจสอบ", "a phone number to check it"),
}
_REPLACES = Both("เลขที่ของการเตือนเดิม", "the number of the alert it replaces")


def require(facts: AlertFacts) -> None:
    """Refuse an alert with a hole in it, and one whose facts would carry a link into an SMS.

    Raises MissingFact with the name of the first empty field; NotAllowed for a link (operators block
    unregistered ones, and people are taught not to press them); ValueError for a time without a zone.
    """
    for name, what in _REQUIRED.items():
        value = getattr(facts, name)
        if not (value.strip() if isinstance(value, str) else value):
            raise MissingFact(name, what)
    if facts.kind is not Kind.ALERT and not (facts.replaces or "").strip():
        raise MissingFact("replaces", _REPLACES)
    for name in (f.name for f in fields(facts)):
        text = str(getattr(facts, name)).lower()
        if "http:" in text or "https:" in text or "www." in text:
            raise NotAllowed(f"ข้อความเตือนภัยต้องไม่มีลิงก์ (an alert carries no link: `{name}`)")
    for moment in (facts.expires, facts.water_by):
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"a time without a zone: {moment.isoformat()}")
