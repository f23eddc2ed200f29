"""The white pages' common ground: what their templates may call, and how a form is read."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from geo.when import clock_text, english_text, thai_text
from warning.web.catalogue import say
from warning.web.places import place_words
from warning.web.relay.desk_view import minutes_left
from warning.web.render import language_of, office_of, render


def paper(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A white page: for people on a phone, at a telephone, or with a sheet of paper."""
    lang, now = language_of(request), office_of(request).clock.now()
    return render(
        request, template, status=status, clock=clock_text, date=thai_text if lang == "th" else english_text,
        place_words=partial(_place, lang), minutes_left=partial(_left, now), say_th=partial(say, "th"), **values,
    )  # fmt: skip


def _place(lang: str, code: str) -> Any:
    return place_words(code, lang)


def _left(now: datetime, at: datetime | None) -> int | None:
    return minutes_left(at, now)


async def form_of(request: Request) -> Mapping[str, str]:
    """The text fields of a form; files and repeated names are not ours."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
