"""A request made from an alert: its level, its place in the chain, and the CAP document DDPM's entity can take as it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from geo.errors import NotAllowed
from geo.names import id_for
from warning.alert import Alert
from warning.approval import approvals_of
from warning.cap.document import Area, CapDocument, Info, Named, Reference, Ring
from warning.cap.reader import read_cap
from warning.cap.writer import written
from warning.cell_broadcast.checks import STOPS, Before, Check, checks, is_test, stopped_by
from warning.cell_broadcast.identifiers import CODES, IDENTIFIERS, UPDATES, Level, serial, suggested
from warning.cell_broadcast.minutes import steps_of, way_of
from warning.cell_broadcast.outline import drawing, points
from warning.cell_broadcast.pages import size_of
from warning.cell_broadcast.record import CellBroadcast, CellBroadcastStep, Step
from warning.office import Office
from warning.writing import SENDER

_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(43704371)"
)  # codes and update numbers are given out in order


class Draft(NamedTuple):
    """What a request would be now, and what stands in its way."""

    alert: Alert
    level: Level
    text_th: str
    text_en: str
    rings: tuple[Ring, ...]
    before: CellBroadcast | None
    checks: list[Check]

    @property
    def ready(self) -> bool:
        return not stopped_by(self.checks)


def draft_of(session: Session, alert: Alert, level: Level | None, now: datetime, office: Office) -> Draft:
    """level: None for the suggested one. Changes nothing."""
    chosen = level or suggested(
        alert.severity, alert.urgency, test=is_test(alert), over=alert.kind in (*STOPS, "all_clear")
    )
    before = newest_of(session, alert, chain_of(session, alert))
    way = Before(way_of(steps_of(session, before.id))) if before else None
    th, en = alert.words.get("cb_th", ""), alert.words.get("cb_en", "")
    rings = drawing([office.areas.outline(code) for code in alert.tambons if code in office.areas])
    return Draft(alert, chosen, th, en, rings, before, checks(alert, chosen, th, en, points(rings), way, now))


def prepare(
    session: Session, alert: Alert, level: Level | None, by: tuple[str, str], now: datetime, office: Office
) -> CellBroadcast:
    """Make the request of an alert, once. by: a user's id and name.

    Raises NotAllowed with the first check that stops it, when there is a request already, or when its CAP would not hold.
    """
    session.execute(_ONE_AT_A_TIME)
    draft = draft_of(session, alert, level, now, office)
    if found := stopped_by(draft.checks):
        raise NotAllowed(f"{found[0].said.th} ({found[0].said.en})")
    if request_of(session, alert.id) is not None:
        raise NotAllowed("เตรียมคำขอของการเตือนนี้แล้ว (the request of this alert is prepared already)")
    if alert.cap_xml is None:
        raise NotAllowed("การเตือนนี้ไม่มีเอกสาร CAP (this alert has no CAP document)")
    nth = draft.before.nth + 1 if draft.before else 0
    code = draft.before.message_code if draft.before and nth % UPDATES else _free_code(session, alert)
    approvals = approvals_of(session, alert.id)
    request = CellBroadcast(
        id=id_for("cell broadcast", alert.id), alert_id=alert.id, mode=alert.mode, chain=chain_of(session, alert), nth=nth,
        replaces=_on_the_way(session, draft.before), level=draft.level.value, message_code=code, update_no=nth % UPDATES,
        identifier=_identifier(alert.identifier), sent=now, text_th=draft.text_th, text_en=draft.text_en,
        points=points(draft.rings), cap_xml=b"", approved_at=max((a.at for a in approvals), default=alert.issued_at or now),
        expires_at=alert.expires_at, prepared_by=by[0],
    )  # fmt: skip
    request.cap_xml = _signed_cap(
        session, request, read_cap(alert.cap_xml), draft.rings, alert.kind in STOPS, office
    )
    session.add(request)
    session.flush()
    session.add(
        CellBroadcastStep(id=id_for("cell broadcast prepared", alert.id), request_id=request.id, step=Step.PREPARED.value,
                          at=now, noted_at=now, by=by[0], by_name=by[1])
    )  # fmt: skip
    session.flush()
    return request


def request_of(session: Session, alert_id: UUID) -> CellBroadcast | None:
    return session.exec(select(CellBroadcast).where(CellBroadcast.alert_id == alert_id)).first()


def chain_of(session: Session, alert: Alert) -> UUID:
    """The alert that began it all."""
    seen = {alert.id}
    while alert.references:
        before = session.get(Alert, UUID(alert.references[0]))
        if before is None or before.id in seen:
            break
        seen.add(before.id)
        alert = before
    return alert.id


def newest_of(session: Session, alert: Alert, chain: UUID) -> CellBroadcast | None:
    """The request before this alert's own."""
    wanted = select(CellBroadcast).where(
        CellBroadcast.mode == alert.mode, CellBroadcast.chain == chain, CellBroadcast.alert_id != alert.id
    )
    return session.exec(wanted.order_by(col(CellBroadcast.nth).desc())).first()


def _on_the_way(session: Session, before: CellBroadcast | None) -> UUID | None:
    """What it replaces: one that DDPM declined never was on any telephone."""
    if before is None or way_of(steps_of(session, before.id)).declined_at is not None:
        return None
    return before.id


def _free_code(session: Session, alert: Alert) -> int:
    """After the last one given out: the 1,024 come round in years, telephones remember a day."""
    wanted = select(CellBroadcast.message_code).where(CellBroadcast.mode == alert.mode)
    last = session.exec(
        wanted.order_by(col(CellBroadcast.sent).desc(), col(CellBroadcast.nth).desc())
    ).first()
    return 0 if last is None else (last + 1) % CODES


def _identifier(of_alert: str) -> str:
    """Of the request's own document: another content must not carry the alert's identifier."""
    return f"{of_alert}.1" if of_alert.startswith("urn:oid:") else f"{of_alert}-cb"


def _signed_cap(
    session: Session,
    request: CellBroadcast,
    alert: CapDocument,
    rings: tuple[Ring, ...],
    stops: bool,
    office: Office,
) -> bytes:
    before = session.get(CellBroadcast, request.replaces) if request.replaces else None
    document = replace(
        alert, identifier=request.identifier, sent=request.sent, scope="Restricted",
        restriction="DDPM cell broadcast entity",
        msg_type="Alert" if before is None else "Cancel" if stops else "Update",
        references=(Reference(SENDER, before.identifier, before.sent),) if before else (),
        infos=tuple(_info(info, request, rings) for info in alert.infos),
    )  # fmt: skip
    xml, found = written(document)
    wrong = [p for p in found if not p.code.startswith(("mark.", "note."))]
    if wrong:
        raise NotAllowed(f"CAP ไม่ถูกต้อง: {wrong[0].text.th} ({wrong[0].text.en})")
    return office.signer.signed(xml)


def _info(info: Info, request: CellBroadcast, rings: tuple[Ring, ...]) -> Info:
    ids = IDENTIFIERS[Level(request.level)]
    thai = info.language.startswith("th")
    words = request.text_th if thai else request.text_en
    said = (
        Named("CBMESSAGEIDENTIFIER", str(ids.thai if thai else ids.other)),
        Named("CBSERIALNUMBER", f"0x{serial(request.message_code, request.update_no):04X}"),
        Named("CBPAGES", str(size_of(words).pages)),
        Named("CBTEXT", words),
    )
    return replace(
        info, effective=request.sent, parameters=(*info.parameters, *said), areas=(_area(info.areas, rings),)
    )


def _area(areas: Sequence[Area], rings: tuple[Ring, ...]) -> Area:
    """All tambon as one area: the operators draw one shape, the codes say whose it is."""
    return Area(
        ", ".join(dict.fromkeys(area.desc for area in areas)), rings,
        tuple(dict.fromkeys(code for area in areas for code in area.geocodes)),
    )  # fmt: skip
