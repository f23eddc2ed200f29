"""The white pages' common ground: what their templates may call, and how a form is read."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from geo.when import clock_text, english_day, english_text, thai_day, thai_text
from warning.web.catalogue import say
from warning.web.places import place_words
from warning.web.relay.desk_view import minutes_left
from warning.web.render import language_of, office_of, render
from warning.words.phrases import EVENTS


def paper(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A white page: for people on a phone, at a telephone, or with a sheet of paper."""
    lang, now = language_of(request), office_of(request).clock.now()
    return render(
        request, template, status=status, clock=clock_text, date=thai_text if lang == "th" else english_text,
        day=thai_day if lang == "th" else english_day,
        place_words=partial(_place, lang), minutes_left=partial(_left, now), say_th=partial(say, "th"),
        event_word=partial(_event, lang), **values,
    )  # fmt: skip


def _place(lang: str, code: str) -> Any:
    return place_words(code, lang)


def _left(now: datetime, at: datetime | None) -> int | None:
    return minutes_left(at, now)


def _event(lang: str, event: str) -> str:
    words = EVENTS.get(event)
    return event if words is None else words.th if lang == "th" else words.en


async def form_of(request: Request) -> Mapping[str, str]:
    """The text fields of a form; files and repeated names are not ours."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
