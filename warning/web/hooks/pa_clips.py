"""A village loudspeaker asks for a clip it lacks: by hash, with a token made from its own key."""

import hmac
import re

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from sqlmodel import Session, select

from channels import pa_command
from geo.people import Tower
from warning.office import Office
from warning.speech.clip import file_of
from warning.web.render import office_of

router = APIRouter()
_CLIP = re.compile(r"[0-9a-f]{64}")


@router.get("/pa/clips/{sha256}")
def clip(request: Request, sha256: str) -> Response:
    """200 with the sound, 401 for a token that is no controller's of ours, 404 for a clip we have not."""
    office = office_of(request)
    device = request.headers.get("x-device", "")
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    with office.database.session() as session:
        known = _is_ours(session, office, device, token)
    if not known:
        return Response(status_code=401)
    if office.var is None or not _CLIP.fullmatch(sha256):
        return Response(status_code=404)
    file = file_of(office.var, sha256)
    if not file.is_file():
        return Response(status_code=404)
    return FileResponse(
        file, media_type="audio/wav", headers={"Cache-Control": "private, max-age=31536000, immutable"}
    )


def _is_ours(session: Session, office: Office, device: str, token: str) -> bool:
    if not pa_command.DEVICE.fullmatch(device):
        return False
    for tower in session.exec(select(Tower).where(Tower.device_id == device)):
        if tower.device_key_sealed is not None:
            right = pa_command.clip_token(device, office.keyring.open(tower.device_key_sealed))
            if hmac.compare_digest(token.encode(), right.encode()):
                return True
    return False
