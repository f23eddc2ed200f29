"""What a head's page or the relay desk sends in from the water: a staff read, where the water is, a photograph.

It becomes the words of an answer, so that one step (`heard`) draws the conclusions however it came in.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, func, select

from channels.contract import Answer
from geo.errors import NotAllowed
from geo.gazetteer import UnknownPlace, gazetteer
from geo.names import id_for
from sources.volunteer_words import Unclear
from teams.response.village_photo import VillagePhoto, cleaned, digest
from teams.response.village_water import WaterState
from warning.audit import record
from warning.audited import audited
from warning.delivery import ReplyRow
from warning.keyed import VIA, water_seen
from warning.office import Office
from warning.reported import volunteer
from warning.step import SEVERE, Next
from warning.store.insert import inserted

UNITS = ("m", "cm")
LATEST = 20


@dataclass(frozen=True)
class Sighting:
    """One form. `event_id` is made with it: pressing twice is once."""

    event_id: str
    village: str
    gauge: str = ""  # a code or a name, as written
    value: str = ""
    unit: str = "m"
    water: WaterState | None = None
    photo: bytes = field(default=b"", repr=False)


def in_words(seen: Sighting, office: Office) -> str:
    """The staff's reading as somebody would have written it: `X.170 1.35 m`. Empty where none was given.

    Raises NotAllowed, worded for the sender: a value without a gauge, no number, higher than any staff.
    """
    gauge, value = seen.gauge.strip()[:60], seen.value.strip()[:12].replace(",", ".")
    if not value:
        return ""
    if seen.unit not in UNITS:
        raise NotAllowed("เลือกหน่วย ม. หรือ ซม. (choose m or cm)")
    known = volunteer(office)
    if not gauge and seen.village not in known.staffs:
        raise NotAllowed("เสาวัดใด ใส่รหัสหรือชื่อ (which gauge? please give its code or name)")
    text = f"เสา {gauge} {value} {seen.unit}"
    try:
        heard = known.heard(text, seen.village)
    except Unclear as unclear:
        raise NotAllowed(str(unclear)) from unclear
    if heard.stage_m is None or heard.gauge is None or abs(heard.stage_m) > 60:
        raise NotAllowed(
            "อ่านค่าระดับไม่ได้ ใส่ตัวเลข เช่น 1.35 และรหัสเสา เช่น X.170 (not a reading: write 1.35, and X.170)"
        )
    return text


def keep_photo(
    session: Session, seen: Sighting, by: str, via: str, alert_id: UUID | None, now: datetime, office: Office
) -> str:
    """Keep a photograph sealed; returns its digest, empty where none came. Twice is once. Raises NotAllowed."""
    if not seen.photo:
        return ""
    body, kind = cleaned(seen.photo)
    sha256 = digest(body)
    row = VillagePhoto(
        id=id_for("photo", office.mode, seen.village, sha256), mode=office.mode.value, village_code=seen.village,
        sha256=sha256, kind=kind, body_sealed=office.keyring.seal_bytes(body), reported_at=now, reported_by=by, via=via,
        alert_id=alert_id,
    )  # fmt: skip
    if inserted(session, row):
        record(session, "photo.kept", "village", seen.village, {"sha256": sha256}, now)
    return sha256


def kept_lately(session: Session, village: str, via: str, now: datetime, office: Office) -> int:
    """Photographs of one village that came this way within the hour."""
    since = select(func.count()).select_from(VillagePhoto).where(
        VillagePhoto.village_code == village, VillagePhoto.via == via, VillagePhoto.mode == office.mode.value,
        col(VillagePhoto.reported_at) > now - timedelta(hours=1),
    )  # fmt: skip
    return session.exec(since).one()


def keyed_sighting(
    session: Session, seen: Sighting, via: str, heard_from: str, keyed_by: UUID, now: datetime, office: Office
) -> list[Next]:
    """An officer writes down what somebody at the water said, alert or not. Twice is once. Raises NotAllowed."""
    try:
        gazetteer().village(seen.village)
    except UnknownPlace:
        raise NotAllowed("เลือกหมู่บ้าน (please choose the village)") from None
    if via not in VIA or not heard_from.strip():
        raise NotAllowed("ใครเป็นผู้แจ้ง ทางใด กรุณาใส่ตำแหน่ง (who said so, and how? please give the post)")
    text = in_words(seen, office)
    by = heard_from.strip()[:120]
    if not (text or seen.water or seen.photo):
        raise NotAllowed(
            "ใส่ค่าระดับ น้ำอยู่ที่ไหน หรือรูป อย่างน้อยหนึ่งอย่าง (give a reading, where the water is, or a picture)"
        )
    keep_photo(session, seen, by, via, None, now, office)
    if not (text or seen.water):
        return []
    row = ReplyRow(
        id=id_for("reply", "sighting", seen.village, seen.event_id), mode=office.mode, village_code=seen.village,
        answer=(Answer.WATER_HERE if seen.water else Answer.SEEN).value, via=via, keyed_by=str(keyed_by), heard_from=by,
        text_sealed=office.keyring.seal(text) if text else None, at=now, received_at=now,
    )  # fmt: skip
    if not audited(session, row):
        return []
    if seen.water is not None:
        water_seen(session, row, seen.water, now, by)
    return [Next("heard", str(row.id), SEVERE)]


def photos(session: Session, office: Office) -> list[VillagePhoto]:
    """The newest photographs of this mode, newest first, without their bytes being opened."""
    wanted = select(VillagePhoto).where(VillagePhoto.mode == office.mode.value)
    return list(session.exec(wanted.order_by(col(VillagePhoto.reported_at).desc()).limit(LATEST)))


def staffs(office: Office, tambon: str = "") -> list[tuple[str, str]]:
    """The office's own staffs and the gauges of the level, as (what to write, what it is); those of `tambon` first."""
    gauges = [gauge for gauge in gazetteer().gauges.values() if "level" in gauge.measures]
    gauges.sort(key=lambda gauge: (gauge.tambon != tambon, gauge.code))
    return [*sorted(volunteer(office).names.items()), *((gauge.code, gauge.th) for gauge in gauges)]
