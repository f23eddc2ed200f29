"""What the database says of readiness: its schema, the registry, the towers, sources with a fault."""

from collections.abc import Collection

from sqlalchemy import inspect, text
from sqlmodel import Session, col, select

from geo.gazetteer import gazetteer
from geo.people import Household, Tower, TowerKind
from geo.roster import ENOUGH_PHONES, weak_villages
from warning.readiness import Item, Standing
from warning.source_state import SourceState


def of_registry(session: Session | None, sources: Collection[str]) -> list[Item]:
    """session: None where no database has been made; its registry is empty then. sources: the names of those that are on."""
    places = gazetteer()
    villages = len(places.villages)
    if session is None or not inspect(session.connection()).has_table("contact"):
        return [_weak(villages, villages), _no_homes()]
    weak = weak_villages(session)
    found = [_weak(len(weak), villages)]
    towers = session.exec(
        select(Tower).where(Tower.kind == TowerKind.MQTT, col(Tower.last_heard_at).is_(None))
    ).all()
    if towers:
        found.append(
            Item(
                "towers",
                Standing.BETTER,
                f"หอกระจายข่าว {len(towers)} แห่งไม่เคยได้ยินเสียงตอบ",
                f"{len(towers)} towers have never been heard",
                "เปิดเครื่องแล้วตรวจรหัสและเครือข่าย (docs/channels/village_pa.md)",
                "switch them on; check password and network (docs/channels/village_pa.md)",
            )
        )
    if session.exec(select(Household.id).limit(1)).first() is None:
        found.append(_no_homes())
    if inspect(session.connection()).has_table("source_state"):
        found += _faulty_sources(session, sources)
    return found


def _weak(weak: int, of: int) -> Item:
    if weak == 0:
        return Item(
            "registry",
            Standing.READY,
            "ทุกหมู่บ้านมีเบอร์ที่ตรวจสอบแล้วอย่างน้อยสองเบอร์",
            "every village has two verified phones",
        )
    return Item(
        "registry",
        Standing.PERSON,
        f"{weak} จาก {of} หมู่บ้านยังไม่มีเบอร์ที่ตรวจสอบแล้ว {ENOUGH_PHONES} เบอร์",
        f"{weak} of {of} villages have fewer than {ENOUGH_PHONES} verified phone numbers",
        "raksa people sheet ไฟล์.xlsx แล้วให้อำเภอกรอก แล้ว raksa people import ไฟล์.xlsx --write",
        "raksa people sheet FILE.xlsx, let the districts fill it in, then raksa people import FILE.xlsx --write",
    )


def _no_homes() -> Item:
    return Item(
        "households",
        Standing.BETTER,
        "ทะเบียนยังไม่มีครัวเรือน จะเตือนผ่านหมู่บ้านเท่านั้น",
        "no household is registered: only villages will be told",
        "raksa people households ไฟล์ --write",
        "raksa people households FILE --write",
    )


def _faulty_sources(session: Session, sources: Collection[str]) -> list[Item]:
    faulty = session.exec(select(SourceState).where(col(SourceState.fault).is_not(None))).all()
    return [
        Item(
            f"source {s.source} now",
            Standing.MISSING,
            f"แหล่งข้อมูล {s.source} มีปัญหา",
            f"source {s.source} has a fault",
            s.fault or "",
            s.fault or "",
        )
        for s in faulty
        if s.source in sources
    ]


def schema_item(session: Session) -> Item:
    """Is the database on the newest schema? An older one is migrated at the next start."""
    if not inspect(session.connection()).has_table("alembic_version"):
        return Item(
            "database",
            Standing.READY,
            "ฐานข้อมูลเชื่อมต่อได้ ยังว่างเปล่า จะสร้างตารางเมื่อเริ่มใช้",
            "the database answers and is empty: the first start makes its tables",
        )
    version = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return Item(
        "database",
        Standing.READY,
        f"ฐานข้อมูลเชื่อมต่อได้ (รุ่น {version})",
        f"the database answers (schema {version})",
    )
