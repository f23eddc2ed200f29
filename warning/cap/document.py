"""A CAP 1.2 alert as values: what is written, and what a reader gets back."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

Ring = tuple[tuple[float, float], ...]  # (lat, lon) WGS84, closed: the first pair is also the last


class Named(NamedTuple):
    """A CAP pair of `valueName` and `value`: an event code, a parameter, a geocode."""

    name: str
    value: str


class Reference(NamedTuple):
    """The key of one message; `sent` is aware."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Area:
    desc: str
    polygons: tuple[Ring, ...] = ()  # their union; CAP has no holes
    geocodes: tuple[Named, ...] = ()
    circles: tuple[str, ...] = ()  # `lat,lon radius_km`, as read


@dataclass(frozen=True, slots=True)
class Info:
    """One language. Times are aware."""

    language: str
    categories: tuple[str, ...]
    event: str
    urgency: str
    severity: str
    certainty: str
    response_types: tuple[str, ...] = ()
    audience: str | None = None
    event_codes: tuple[Named, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameters: tuple[Named, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class CapDocument:
    identifier: str
    sender: str
    sent: datetime  # aware
    status: str  # Actual | Exercise | System | Test | Draft
    msg_type: str  # Alert | Update | Cancel | Ack | Error
    scope: str = "Public"
    source: str | None = None
    restriction: str | None = None
    addresses: str | None = None
    codes: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
