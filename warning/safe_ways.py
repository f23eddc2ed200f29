"""Shelters that are open and roads that can be passed: what an officer says of them, with the hour and who told.

Words are added, never changed: the newest of a shelter or road counts. Where nobody has said anything, "we do not know" is said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, Index, String, text
from sqlmodel import Field, Session, SQLModel

from geo.errors import NotAllowed
from geo.gazetteer import UnknownPlace, gazetteer
from warning.alert import Mode
from warning.audit import record

SAID_FOR = timedelta(hours=24)  # an older word is not shown to the public: roads flood and shelters fill
MOST_LETTERS = 120


class Way(StrEnum):
    """What is spoken of, and how it is. Of a road: for everybody, for high vehicles only, or for nobody."""

    SHELTER_OPEN = "shelter_open"
    SHELTER_FULL = "shelter_full"
    SHELTER_CLOSED = "shelter_closed"
    ROAD_OPEN = "road_open"
    ROAD_HIGH_ONLY = "road_high_only"
    ROAD_CLOSED = "road_closed"

    @property
    def is_road(self) -> bool:
        return self.value.startswith("road")


class SafeWay(SQLModel, table=True):
    """One word on one shelter or road."""

    __tablename__ = "safe_way"
    __table_args__ = (Index("safe_way_place", "tambon_code", "said_at"),)

    id: UUID = Field(primary_key=True)
    mode: Mode
    tambon_code: str = Field(sa_column=Column(String(6, collation="C"), nullable=False))
    name: str  # as people there call it; a place, never a person
    way: Way
    note: str = ""  # e.g. how many more it takes
    said_by: str  # a post: village head, highway police; never a private name
    said_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    keyed_by: str  # a user's id


@dataclass(frozen=True)
class Said:
    name: str
    way: Way
    note: str
    said_by: str
    at: datetime


_NEWEST = text(
    "SELECT DISTINCT ON (left(way::text, 4), name) name, way, note, said_by, said_at FROM safe_way "
    "WHERE mode = :mode AND tambon_code = :tambon AND said_at > :since ORDER BY left(way::text, 4), name, said_at DESC"
)


def ways_of(session: Session, tambon: str, mode: Mode, now: datetime) -> list[Said]:
    """The newest word on each shelter and road of a tambon, shelters first; nothing older than a day."""
    rows = session.execute(_NEWEST, {"mode": mode.name, "tambon": tambon, "since": now - SAID_FOR})
    found = [Said(name, Way[way], note, by, at) for name, way, note, by, at in rows]
    return sorted(found, key=lambda said: (said.way.is_road, said.name))


def say_way(
    session: Session, mode: Mode, tambon: str, name: str, way: str, note: str, said_by: str, keyed_by: UUID, now: datetime
) -> SafeWay:  # fmt: skip
    """Write one word down. Raises NotAllowed, worded for the officer."""
    try:
        gazetteer().tambon(tambon)
    except UnknownPlace:
        raise NotAllowed("เลือกตำบล (choose the subdistrict)") from None
    if way not in set(Way):
        raise NotAllowed("เลือกว่าเปิด เต็ม ปิด หรือผ่านได้ไหม (choose how it is)")
    called, post = " ".join(name.split()), " ".join(said_by.split())
    if not called or not post:
        raise NotAllowed(
            "ใส่ชื่อจุดพักพิงหรือถนน และใครเป็นผู้แจ้ง (give the name of the shelter or road, and who says so)"
        )
    if max(len(called), len(post), len(note)) > MOST_LETTERS:
        raise NotAllowed(f"ยาวเกิน {MOST_LETTERS} ตัวอักษร (more than {MOST_LETTERS} letters)")
    row = SafeWay(
        id=uuid4(), mode=mode, tambon_code=tambon, name=called, way=Way(way), note=" ".join(note.split()), said_by=post,
        said_at=now, keyed_by=str(keyed_by),
    )  # fmt: skip
    session.add(row)
    session.flush()
    record(session, "safe_way.said", "safe_way", row.id, {"tambon": tambon, "way": way}, now)
    return row
