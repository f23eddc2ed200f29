"""A head's link: what they read at a staff, and a picture. Works without script; a picture cannot wait in the outbox."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from channels.contract import Answer, Reply
from geo.errors import NotAllowed
from warning.running import take_in
from warning.sighting import Sighting, in_words, keep_photo
from warning.web.public.head_view import head_view
from warning.web.public.routes import CHANNEL, REPORTED, gone, head_page
from warning.web.render import language_of, office_of
from warning.web.sent_form import form_with_photo
from warning.words.one_language import one_language

router = APIRouter()


@router.post("/h/{token}/report")
async def seen_at_the_water(request: Request, token: str) -> Response:
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        view = head_view(session, token, now, office)
    if view is None:  # before a stranger's body is read
        return gone(request)
    form: Mapping[str, str] = {}
    try:
        form, photo = await form_with_photo(request)
        event = _event(form)
        seen = Sighting(
            event, view.village_code, form.get("gauge", ""), form.get("value", ""), form.get("unit", "m"), photo=photo
        )  # fmt: skip
        text = in_words(seen, office)
        if not (text or photo):
            return head_page(request, token, "head.seen_nothing", REPORTED, 422, form)
        with office.database.session() as session:
            keep_photo(session, seen, view.role or "contact", CHANNEL, view.alert.id, now, office)
    except NotAllowed as wrong:
        return head_page(request, token, one_language(str(wrong), language_of(request)), REPORTED, 422, form)
    if text:
        reply = Reply(
            f"{view.delivery_id.hex}-{event}", Answer.SEEN, now, delivery_id=view.delivery_id, text=text
        )
        take_in(office, CHANNEL, [reply], CHANNEL)
    return RedirectResponse(f"/h/{token}/{REPORTED}", status_code=303)


def _event(form: Mapping[str, str]) -> str:
    try:
        return UUID(hex=form.get("event", "")).hex
    except ValueError:
        raise NotAllowed("แบบฟอร์มนี้เก่าแล้ว เปิดหน้าใหม่ (this form is old: open the page again)") from None
