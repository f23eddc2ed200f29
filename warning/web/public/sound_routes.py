"""A head's link: the announcement of the own village, to be played or kept on the telephone."""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from warning.speech.sound import announcement, sound
from warning.web.public.head_view import head_view
from warning.web.public.routes import gone
from warning.web.render import office_of

router = APIRouter()


@router.get("/h/{token}/sound.wav")
def own_sound(request: Request, token: str) -> Response:
    """404 where the link is over, and where an essential clip is missing."""
    office = office_of(request)
    with office.database.session() as session:
        view = head_view(session, token, office.clock.now(), office)
        if view is None:
            return gone(request)
        path = sound(session, office, announcement(session, view.alert, office, view.village_code))
    if path is None:
        return gone(request)
    return FileResponse(path, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})
