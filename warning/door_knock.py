"""From door to door: which homes nobody has confirmed yet, put on numbered sheets, given out, taken back and keyed by row code.

The order is by the help needed to get out: carried first, then by boat, then power and medicine. Nothing on a list says why
somebody needs help, how many live there alone, or that a house stands empty: a paper gets lost.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from channels.contract import Answer
from geo.errors import NotAllowed
from geo.households import needs_by_home
from geo.names import id_for
from geo.people import Household, NeedKind
from geo.sealed import Keyring
from warning.alert import Alert
from warning.audited import audited
from warning.cover import HOMES_OF_ALERT, line_of, where_homes_stand
from warning.delivery import ReplyRow
from warning.door_knock_sheet import (
    MOST_ROWS,
    Code,
    DoorKnockRow,
    DoorKnockSheet,
    Found,
    code_text,
    read_code,
)
from warning.step import SEVERE, Next
from warning.told_already import told_by

MOST_PEOPLE = 60  # of one home: a slip of the finger above
_LEFT = text(
    f"""
WITH {HOMES_OF_ALERT} SELECT h.id, h.place, h.vulnerable FROM home h WHERE left(h.place, 6) = :tambon AND NOT EXISTS (
    SELECT 1 FROM delivery_status s WHERE s.alert_id = ANY(:told) AND s.household_id = h.id
    AND s.state IN ('delivered', 'confirmed'))
"""  # noqa: S608 - put together from our own words only
)
# Homes on a sheet that is still with somebody, or whose sheet said what was found; one that did not answer is gone to again.
_TAKEN = text(
    "SELECT r.household_id FROM door_knock_row r JOIN door_knock_sheet s ON s.id = r.sheet_id WHERE s.alert_id = :alert "
    "AND (s.back_at IS NULL OR r.found IN ('told', 'need_help'))"
)
_TOLD = text(
    "INSERT INTO delivery (id, segment_id, household_id, village_code, state, why, changed_at) "
    "SELECT md5(s.id::text || CAST(:home AS uuid)::text)::uuid, s.id, CAST(:home AS uuid), CAST(:village AS text), 'confirmed', '', "
    "CAST(:at AS timestamptz) FROM segment s WHERE s.alert_id = :alert AND s.channel = 'person' AND s.audience = 'household' "
    "AND s.tambon_code = left(CAST(:village AS text), 6) "
    "ON CONFLICT (id) DO UPDATE SET state = 'confirmed', changed_at = excluded.changed_at RETURNING 1"
)
_ANSWER = {Found.TOLD: Answer.SEEN, Found.NEED_HELP: Answer.NEED_HELP, Found.NO_ANSWER: Answer.NO_ANSWER}


class Door(NamedTuple):
    """One home to go to. `help_to_leave`: somebody there cannot leave without others."""

    household_id: UUID
    needs: tuple[NeedKind, ...]
    help_to_leave: bool


def doors_left(session: Session, alert: Alert, village: str) -> list[Door]:
    """The registered homes of one line of the count that nobody has confirmed, those who need most first."""
    where = where_homes_stand(alert)
    villages = set(where["villages"])
    asked = {"told": [alert.id, *told_by(alert)], "tambon": village[:6], **where}
    found = [row for row in session.execute(_LEFT, asked) if line_of(row.place, villages) == village]
    needs = needs_by_home(session, [row.id for row in found])
    doors = [Door(row.id, needs.get(row.id, ()), row.vulnerable > 0) for row in found]
    return sorted(doors, key=weight)


def weight(door: Door) -> tuple[tuple[bool, ...], bool, UUID]:
    """Sorts those who must be carried first, then those who need a boat, power, medicine; then who needs help to leave."""
    return tuple(need not in door.needs for need in NeedKind), not door.help_to_leave, door.household_id


def make_sheets(session: Session, alert: Alert, village: str, by: str, now: datetime) -> list[DoorKnockSheet]:
    """Put the homes left that are on no sheet yet on new ones, at most MOST_ROWS each. Pressed twice: nothing new."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"door knock {alert.id}"})
    taken = set(session.execute(_TAKEN, {"alert": alert.id}).scalars())
    doors = [door for door in doors_left(session, alert, village) if door.household_id not in taken]
    first = 1 + len(session.exec(select(DoorKnockSheet.id).where(DoorKnockSheet.alert_id == alert.id)).all())
    made = []
    for n, start in enumerate(range(0, len(doors), MOST_ROWS), start=first):
        part = doors[start : start + MOST_ROWS]
        sheet = DoorKnockSheet(
            id=id_for("door knock", alert.mode, alert.id, n), mode=alert.mode.value, alert_id=alert.id, nth=n,
            village_code=village, homes=len(part), made_by=by, made_at=now, changed_at=now,
        )  # fmt: skip
        session.add(sheet)
        session.flush()
        session.add_all(
            DoorKnockRow(
                sheet_id=sheet.id, nth=nth, household_id=door.household_id, needs=",".join(door.needs)
            )
            for nth, door in enumerate(part, start=1)
        )
        made.append(sheet)
    session.flush()
    return made


def sheets_of(session: Session, alert_id: UUID, village: str = "") -> list[DoorKnockSheet]:
    wanted = select(DoorKnockSheet).where(
        DoorKnockSheet.alert_id == alert_id, col(DoorKnockSheet.village_code).startswith(village)
    )
    return list(session.exec(wanted.order_by(col(DoorKnockSheet.nth))))


def rows_of(session: Session, sheet_id: UUID) -> list[DoorKnockRow]:
    wanted = select(DoorKnockRow).where(DoorKnockRow.sheet_id == sheet_id)
    return list(session.exec(wanted.order_by(col(DoorKnockRow.nth))))


class OpenRow(NamedTuple):
    """A row for whoever goes: the house number is opened, so the look belongs in the trail."""

    row: DoorKnockRow
    code: str
    house_no: str
    needs: tuple[NeedKind, ...]


def opened(session: Session, keyring: Keyring, sheet: DoorKnockSheet) -> list[OpenRow]:
    rows = rows_of(session, sheet.id)
    homes = {
        home.id: home
        for home in session.exec(
            select(Household).where(col(Household.id).in_([r.household_id for r in rows]))
        )
    }
    found = []
    for row in rows:
        home = homes.get(row.household_id)
        house_no = keyring.open(home.house_no_sealed) if home is not None and home.house_no_sealed else "–"
        needs = tuple(NeedKind(need) for need in row.needs.split(",") if need)
        found.append(OpenRow(row, code_text(Code(sheet.nth, row.nth)), house_no, needs))
    return found


def give_out(
    session: Session, sheet: DoorKnockSheet, to: str, by: str, keyring: Keyring, now: datetime
) -> None:
    """Somebody takes the sheet: a post or a name, sealed. Raises NotAllowed without one, or when it came back already."""
    if not to.strip():
        raise NotAllowed("ใครเป็นผู้ถือใบนี้ (who takes this sheet?)")
    if sheet.back_at is not None:
        raise NotAllowed("ใบนี้คืนแล้ว ทำใบใหม่ (this sheet is back: make a new one)")
    sheet.taken_by_sealed, sheet.out_by, sheet.out_at, sheet.changed_at = (
        keyring.seal(to.strip()[:80]),
        by,
        now,
        now,
    )


def take_back(sheet: DoorKnockSheet, by: str, now: datetime) -> None:
    """The paper is back. Twice is once. Raises NotAllowed when nobody had it."""
    if sheet.out_at is None:
        raise NotAllowed("ใบนี้ยังไม่มีใครรับไป (nobody has taken this sheet)")
    if sheet.back_at is None:
        sheet.back_by, sheet.back_at, sheet.changed_at = by, now, now


def sheet_and_row(session: Session, alert_id: UUID, typed: str) -> tuple[DoorKnockSheet, int]:
    """What a row code of this alert means. Raises NotAllowed."""
    code = read_code(typed)
    found = select(DoorKnockSheet).where(
        DoorKnockSheet.alert_id == alert_id, DoorKnockSheet.nth == code.sheet
    )
    sheet = session.exec(found).first()
    if sheet is None or not 1 <= code.row <= sheet.homes:
        raise NotAllowed("ไม่มีแถวนี้ในใบของการเตือนนี้ (no such row on the sheets of this alert)")
    return sheet, code.row


def keyed_door(
    session: Session,
    alert: Alert,
    sheet: DoorKnockSheet,
    nth: int,
    found: Found,
    people: int | None,
    by: str,
    now: datetime,
) -> Sequence[Next]:
    """What somebody met at one door. Whoever was spoken to is reached. Twice is once; a later word replaces an earlier one, but
    nobody who was told becomes untold. Raises NotAllowed."""
    row = session.get(DoorKnockRow, (sheet.id, nth), with_for_update=True)
    if row is None or sheet.alert_id != alert.id:
        raise NotAllowed("ไม่มีแถวนี้ (no such row)")
    if people is not None and not 0 <= people <= MOST_PEOPLE:
        raise NotAllowed(f"จำนวนคนต้องอยู่ระหว่าง 0 ถึง {MOST_PEOPLE} (people: from 0 to {MOST_PEOPLE})")
    if row.found == found or (row.found in (Found.TOLD, Found.NEED_HELP) and found is Found.NO_ANSWER):
        return []
    if found is not Found.NO_ANSWER:
        asked = {"home": str(row.household_id), "village": sheet.village_code, "at": now, "alert": alert.id}
        if session.execute(_TOLD, asked).first() is None:
            raise NotAllowed("ระบบกำลังเตรียมรายการ ลองใหม่ (the alert is still being planned: try again)")
    row.found, row.people, row.found_at, row.keyed_by = found.value, people, now, by
    said = ReplyRow(
        id=id_for("reply", "door knock", sheet.id, nth, found), alert_id=alert.id, mode=alert.mode,
        village_code=sheet.village_code, household_id=row.household_id, answer=_ANSWER[found].value, people=people,
        via="paper", keyed_by=by, heard_from=code_text(Code(sheet.nth, nth)), at=now, received_at=now,
    )  # fmt: skip
    return [Next("heard", str(said.id), SEVERE)] if audited(session, said) else []
