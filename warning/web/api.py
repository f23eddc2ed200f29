"""JSON and CAP for other systems: how we are, what is in force, who was reached (totals only, no person)."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from geo.when import utc
from warning.alert import Alert
from warning.cover_totals import totals
from warning.web.render import office_of

router = APIRouter()

WORKER_DEAD_S = 15.0
_WORKERS = text(
    "SELECT EXTRACT(EPOCH FROM clock_timestamp() - max(last_heartbeat)) FROM procrastinate_workers"
)
_TICKS = text("SELECT max(tried_at) FROM source_state")


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """`{status, database, worker_age_s, clock_age_s}`; 503 when the database is away or no worker breathes."""
    office = office_of(request)
    try:
        with office.database.session() as session:
            worker_age = session.execute(_WORKERS).scalar()
            ticked = session.execute(_TICKS).scalar()
    except DBAPIError:
        return JSONResponse(
            {"status": "down", "database": "away", "worker_age_s": None, "clock_age_s": None}, 503
        )
    age = None if worker_age is None else round(float(worker_age), 1)
    well = age is not None and age < WORKER_DEAD_S
    body = {
        "status": "ok" if well else "degraded", "database": "ok", "worker_age_s": age,
        "clock_age_s": None if ticked is None else round((office.clock.now() - ticked).total_seconds(), 1),
    }  # fmt: skip
    return JSONResponse(body, 200 if well else 503)


@router.get("/api/v1/alerts")
def alerts(request: Request) -> JSONResponse:
    """Alerts that were issued, newest first; drafts are the office's own business."""
    office = office_of(request)
    with office.database.session() as session:
        found = session.exec(
            select(Alert)
            .where(Alert.mode == office.mode, col(Alert.issued_at).is_not(None))
            .order_by(col(Alert.issued_at).desc())
            .limit(200)
        ).all()
    return JSONResponse([_alert(a) for a in found])


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "id": str(alert.id), "number": alert.number, "identifier": alert.identifier, "mode": alert.mode.value,
        "state": alert.state.value, "msg_type": alert.msg_type, "event": alert.event, "severity": alert.severity,
        "urgency": alert.urgency, "certainty": alert.certainty, "response_type": alert.response_type,
        "tambons": alert.tambons, "villages": alert.villages,
        "headline": {"th": alert.words.get("headline_th"), "en": alert.words.get("headline_en")},
        "instruction": {"th": alert.words.get("instruction_th"), "en": alert.words.get("instruction_en")},
        "issued_at": utc(alert.issued_at).isoformat() if alert.issued_at else None,
        "expires_at": utc(alert.expires_at).isoformat(),
        "water_by": utc(alert.water_by).isoformat() if alert.water_by else None,
        "replaces": alert.references, "cap": f"/api/v1/alerts/{alert.id}.cap",
    }  # fmt: skip


@router.get("/api/v1/alerts/{alert_id}.cap")
def cap(request: Request, alert_id: UUID) -> Response:
    """The CAP 1.2 document as it was issued, byte for byte."""
    with office_of(request).database.session() as session:
        alert = session.get(Alert, alert_id)
    if alert is None or alert.cap_xml is None:
        raise HTTPException(404)
    return Response(alert.cap_xml, media_type="application/cap+xml")


@router.get("/api/v1/coverage")
def coverage(request: Request) -> JSONResponse:
    """Totals over the alerts in force: `{villages, households}`; reached + waiting + unreached = total."""
    office = office_of(request)
    with office.database.session() as session:
        return JSONResponse(dict(totals(session, office.mode)))
