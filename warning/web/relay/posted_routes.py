"""Posted in a group that is closed to us: one tap by whoever posted it. The words and the picture stand on the same page."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from warning.posted import say_posted
from warning.web.paper import form_of
from warning.web.relay.routes import MAY
from warning.web.render import must, office_of

router = APIRouter(prefix="/relay")


@router.post("/{alert_id}/posted")
async def posted(request: Request, alert_id: UUID) -> Response:
    person, office, form = must(request, *MAY), office_of(request), await form_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        by = str(person.id), person.name
        say_posted(session, alert_id, form.get("place", ""), by, office.mode, office.clock.now())
    return RedirectResponse(f"/relay/{alert_id}/texts#posted", status_code=303)
