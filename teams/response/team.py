"""Field teams: who goes out, and which amphoe and tambon they serve. Members are users of the office's own book of users."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, Column, DateTime, text
from sqlmodel import Field, Session, SQLModel, select

from geo.errors import NotAllowed
from geo.gazetteer import UnknownPlace, gazetteer


class Team(SQLModel, table=True):
    """`areas`: amphoe (4 digits) and tambon (6 digits) whose open missions it sees. A team is stood down, never removed."""

    id: UUID = Field(primary_key=True)
    name: str
    areas: list[str] = Field(sa_column=Column(JSON, nullable=False))
    active: bool = True
    made_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    changed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))

    def serves(self, village_code: str) -> bool:
        return village_code.startswith(tuple(self.areas))


def make_team(session: Session, name: str, areas: Iterable[str], now: datetime) -> Team:
    """Raises NotAllowed when it has no name, serves nowhere, has the name of another team or an area nobody knows."""
    name = " ".join(name.split())
    if not name:
        raise NotAllowed("กรุณาใส่ชื่อทีม (the team needs a name)")
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('team names'))")
    )  # two at once are told apart
    if session.exec(select(Team.id).where(Team.name == name)).first() is not None:
        raise NotAllowed(f"มีทีมชื่อ {name} อยู่แล้ว (there is a team named {name} already)")
    team = Team(id=uuid4(), name=name, areas=known_areas(areas), made_at=now, changed_at=now)
    session.add(team)
    session.flush()
    return team


def known_areas(areas: Iterable[str]) -> list[str]:
    """Codes in order, each once; a tambon of an amphoe that is there itself is left out. Raises NotAllowed."""
    given, places = sorted(set(areas)), gazetteer()
    for code in given:
        try:
            places.amphoe(code) if len(code) == 4 else places.tambon(code)
        except UnknownPlace as error:
            raise NotAllowed(f"ไม่รู้จักพื้นที่ {code} (no such area: {code})") from error
    kept = [code for code in given if len(code) == 4 or code[:4] not in given]
    if not kept:
        raise NotAllowed("เลือกอำเภอหรือตำบลที่ทีมดูแล (choose the districts or subdistricts the team serves)")
    return kept
