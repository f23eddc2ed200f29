"""Who lives where, and who can tell a village: the registry's tables.

What identifies a person is sealed (`geo.sealed`); what must be found again carries a keyed hash beside it.
Everything is keyed by DOPA codes as text: village 8 digits, tambon 6.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, text
from sqlmodel import Field, SQLModel


class Role(StrEnum):
    """Whom a village listens to, in the order they are rung."""

    HEAD = "head"
    ASSISTANT = "assistant"
    KEY_HOLDER = "key_holder"
    HEALTH_VOLUNTEER = "health_volunteer"


class TowerKind(StrEnum):
    MICROPHONE = "microphone"  # an amplifier and a microphone in somebody's house
    MQTT = "mqtt"  # a controller that plays by itself


class AddressKind(StrEnum):
    """`voice` is any telephone; `sms` a mobile one; `web_push` a browser's subscription; `webhook` another system's address."""

    SMS = "sms"
    LINE = "line"
    TOWER = "tower"
    VOICE = "voice"
    LINE_GROUP = "line_group"
    EMAIL = "email"
    WEB_PUSH = "web_push"
    WEBHOOK = "webhook"


class Audience(StrEnum):
    """Who is spoken to: those who can tell a village, its residents, or a house that must move many (`geo.institution`)."""

    CONTACT = "contact"
    RESIDENT = "resident"
    INSTITUTION = "institution"


class Vulnerability(StrEnum):
    """Why somebody cannot leave alone. One word a person: the first that applies, in this order."""

    BEDRIDDEN = "bedridden"
    DIALYSIS_OXYGEN = "dialysis_oxygen"
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    ELDERLY = "elderly"
    YOUNG_CHILD = "young_child"


class NeedKind(StrEnum):
    """The help somebody needs to get out or to live on. Never a diagnosis: a team must know what to bring."""

    CARRY = "carry"
    BOAT = "boat"
    POWER = "power"  # a machine that must not stop
    MEDICINE = "medicine"


class LegalBasis(StrEnum):
    """Why the office may keep this (PDPA 2562 s. 24): of a state office consent is rarely the reason."""

    CONSENT = "consent"
    PUBLIC_DUTY = "public_duty"
    VITAL_INTEREST = "vital_interest"


class Whose(StrEnum):
    """Whose telephone an address of a household is, where it is not a resident's own."""

    OWN = "own"
    NEIGHBOUR = "neighbour"
    CHILD_ELSEWHERE = "child_elsewhere"


class Language(StrEnum):
    """What people here read (ISO 639-1). Without a word about it: Thai."""

    THAI = "th"
    ENGLISH = "en"
    BURMESE = "my"
    MALAY = "ms"


def _code(digits: int, *, index: bool = False) -> Column[str]:
    return Column(String(digits, collation="C"), nullable=False, index=index)


class Contact(SQLModel, table=True):
    """A person of a village by role. Two assistants have `rank` 1 and 2."""

    id: UUID = Field(primary_key=True)
    village_code: str = Field(sa_column=_code(8, index=True))
    role: Role
    rank: int = 1
    name_sealed: bytes
    verified_on: date | None = None
    source: str = ""
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class Tower(SQLModel, table=True):
    """The loudspeaker of a village."""

    id: UUID = Field(primary_key=True)
    village_code: str = Field(sa_column=_code(8, index=True))
    kind: TowerKind
    device_id: str | None = None  # of an MQTT controller
    device_key_sealed: bytes | None = None  # signs the commands this controller obeys
    homes_in_earshot: int | None = None
    key_holder_id: UUID | None = Field(default=None, foreign_key="contact.id")
    substitute_id: UUID | None = Field(
        default=None, foreign_key="contact.id", ondelete="SET NULL"
    )  # has a key too
    battery_hours: float | None = None  # how long it speaks without mains; None: nobody has said
    tested_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    tested_ok: bool | None = None  # of that test, as a person there heard it
    last_heard_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    online: bool | None = None


class Household(SQLModel, table=True):
    """The people of one kitchen. One house may hold several."""

    id: UUID = Field(primary_key=True)
    village_code: str = Field(sa_column=_code(8, index=True))
    house_no_sealed: bytes | None = None
    people: int = 1  # heads: also of those who have no papers or gave no name
    vulnerable: int = 0  # how many of them cannot leave alone
    lat: float | None = None
    lon: float | None = None
    source: str = ""
    told_on: date | None = None  # the day the source says it was so
    lang: str | None = None  # Language; None: nobody has asked
    legal_basis: str | None = None  # LegalBasis
    consent_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True)))
    consent_by: str | None = None  # the user who took it down


class Resident(SQLModel, table=True):
    """One person of a household."""

    id: UUID = Field(primary_key=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    name_sealed: bytes
    vulnerability: Vulnerability | None = None
    vulnerability_source: str | None = None
    vulnerability_on: date | None = None


class Need(SQLModel, table=True):
    """Help one household needs. One row a kind; ended, never removed, when it is needed no more."""

    id: UUID = Field(primary_key=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    resident_id: UUID | None = Field(default=None, foreign_key="resident.id")
    kind: NeedKind
    source: str
    noted_on: date | None = None
    ended_on: date | None = None


class Address(SQLModel, table=True):
    """Where a message to one person or device goes.

    `nth` is dense from 0 within (audience, kind, tambon): a segment of a fan-out is a range of it, so that a
    half-million recipients are planned by counting, not by listing. A removed address leaves a hole, which costs nothing.
    """

    __table_args__ = (
        # With all that a segment takes along, so that half a million recipients are read from the index alone: their rows lie
        # scattered, and reading each took a fifth of the database's time (bench/fanout.py).
        Index(
            "address_roll", "audience", "kind", "tambon_code", "nth", unique=True,
            postgresql_include=["active", "id", "owner_id", "household_id", "village_code", "sealed"],
        ),
        Index("address_hash", "hash"),
        Index("address_owner", "owner_id"),
        Index("address_household", "household_id"),
        # Few read another language than Thai; a segment asks for them each time it is sent.
        Index("address_reads", "tambon_code", "kind", "lang", postgresql_where=text("lang IS NOT NULL")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    audience: Audience
    kind: AddressKind
    tambon_code: str = Field(sa_column=_code(6))
    village_code: str = Field(sa_column=_code(8))
    nth: int
    owner_id: UUID  # contact, resident, tower or institution
    household_id: UUID | None = Field(default=None, foreign_key="household.id")
    sealed: bytes
    hash: str = Field(max_length=64)
    verified_on: date | None = None
    lang: str | None = None  # Language of whoever reads here
    whose: str | None = None  # Whose; None: own
    active: bool = True  # false: unfollowed, number given back, asked to stop
