"""Notifications in a browser: whoever wants them asks on the page of their place, and takes it back as easily.

No name and no number: a browser's own address, sealed, and the place. What it showed it says back itself; that is a
device's word, no person's.
"""

import hmac
import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from sqlalchemy import text
from sqlmodel import Session

from channels.contract import Receipt, ReceiptState
from channels.web_push import WebPush, public_key_of
from geo.gazetteer import UnknownPlace, gazetteer
from geo.names import id_for
from geo.people import Address, AddressKind, Audience
from geo.people_roll import Roll, address_id
from warning.audit import record
from warning.compose import push_mark
from warning.office import Office
from warning.receipts import take_receipts
from warning.web.assets import STATIC, asset
from warning.web.render import office_of

router = APIRouter()
MOST_BODY = 4000  # bytes: a subscription has some 400
# Push services of the browsers people have. Anything else could be anybody's address that our server is made to call.
SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    ".notify.windows.com",
    ".push.apple.com",
)
_SAME = text(
    "UPDATE address SET active = true, village_code = :village WHERE hash = :hash AND tambon_code = :tambon "
    "AND kind = 'WEB_PUSH' RETURNING id"
)
_STOP = text("UPDATE address SET active = false WHERE hash = :hash AND kind = 'WEB_PUSH' RETURNING id")


def push_of(office: Office) -> WebPush | None:
    return next((c for c in office.channels.values() if isinstance(c, WebPush)), None)


@router.get("/push/key")
def key(request: Request) -> JSONResponse:
    """The office's public key; 404 while there is no such channel."""
    channel = push_of(office_of(request))
    if channel is None:
        raise HTTPException(404)
    return JSONResponse({"key": public_key_of(channel)})


@router.get("/push-worker.js")
def worker() -> FileResponse:
    """The service worker: at the root, because it may only show what lies below its own address."""
    path = STATIC / asset("push_worker.ts").removeprefix("/static/")
    return FileResponse(path, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.post("/push/subscribe")
async def subscribe(request: Request) -> Response:
    """{code, subscription}: 201 when kept, 400 for what is none, 404 for a place that is none. Twice is once."""
    office, told = office_of(request), await _told(request)
    if push_of(office) is None:
        raise HTTPException(404)
    code, given = str(told.get("code", "")), told.get("subscription")
    subscription = _checked(given)
    try:
        gazetteer().tambon(code[:6])
        village = code if len(code) == 8 else f"{code}00"
        if not village.endswith("00"):
            gazetteer().village(village)
    except UnknownPlace as unknown:
        raise HTTPException(404) from unknown
    with office.database.session() as session:
        _keep(session, office, village, subscription)
    return Response(status_code=201)


@router.post("/push/stop")
async def stop(request: Request) -> Response:
    """{endpoint}: nothing more goes there."""
    office, told = office_of(request), await _told(request)
    hashed = office.keyring.fingerprint(f"push {told.get('endpoint', '')}")
    with office.database.session() as session:
        for (gone,) in session.execute(_STOP, {"hash": hashed}):
            record(session, "push.stopped", "address", str(gone), {}, office.clock.now())
    return Response(status_code=204)


@router.post("/push/shown")
async def shown(request: Request) -> Response:
    """{id, mark}: a browser showed the notification. Only who has it knows its mark."""
    office, told = office_of(request), await _told(request)
    channel = push_of(office)
    try:
        delivery = UUID(str(told.get("id", "")))
    except ValueError as error:
        raise HTTPException(400) from error
    if channel is None or not hmac.compare_digest(
        str(told.get("mark", "")), push_mark(delivery, office.keyring)
    ):
        raise HTTPException(404)
    now = office.clock.now()
    with office.database.session() as session:
        take_receipts(
            session, channel.name, [Receipt(delivery, ReceiptState.DELIVERED, now, why="shown")], now
        )
    return Response(status_code=204)


async def _told(request: Request) -> dict[str, Any]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BODY:
            raise HTTPException(413)
    try:
        told = json.loads(body)
    except ValueError as error:
        raise HTTPException(400) from error
    if not isinstance(told, dict):
        raise HTTPException(400)
    return told


def _checked(given: Any) -> dict[str, Any]:
    """Only what a push needs, of a push service we know. Raises HTTPException 400."""
    try:
        endpoint, keys = str(given["endpoint"]), given["keys"]
        host = urlsplit(endpoint).hostname or ""
        kept = {"endpoint": endpoint, "keys": {"p256dh": str(keys["p256dh"]), "auth": str(keys["auth"])}}
    except (KeyError, TypeError, ValueError) as error:
        raise HTTPException(400) from error
    known = any(
        host == service or (service.startswith(".") and host.endswith(service)) for service in SERVICES
    )
    if not endpoint.startswith("https://") or not known or len(endpoint) > 1000:
        raise HTTPException(400)
    return kept


def _keep(session: Session, office: Office, village: str, subscription: dict[str, Any]) -> None:
    ring = office.keyring
    hashed = ring.fingerprint(f"push {subscription['endpoint']}")
    place = {"village": village, "tambon": village[:6], "hash": hashed}
    session.execute(_STOP, {"hash": hashed})  # a browser has one place
    if session.execute(_SAME, place).first() is not None:
        return
    owner = id_for("web push", hashed, village[:6])
    nth = Roll(session).place(Audience.RESIDENT, AddressKind.WEB_PUSH, village[:6])
    session.add(
        Address(
            id=address_id(ring, owner, AddressKind.WEB_PUSH, subscription["endpoint"]), audience=Audience.RESIDENT,
            kind=AddressKind.WEB_PUSH, tambon_code=village[:6], village_code=village, nth=nth, owner_id=owner,
            sealed=ring.seal(json.dumps(subscription)), hash=hashed,
        )
    )  # fmt: skip
