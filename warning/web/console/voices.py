"""What others say, beside ours: seen, typed in within ten seconds, taken back; and answered where it differs from a draft."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from geo.gazetteer import CHANGWAT, gazetteer
from warning.alert import BY_RULE, Alert, AlertState
from warning.office import Office
from warning.received import held
from warning.voice_answer import VoiceAnswer, answer_voice, answers_of
from warning.voices import LEVELS, WHO, Differing, Spoken, differing, readiness, spoken, take_back, type_in
from warning.web.console.compose import MAY_WRITE
from warning.web.console.names import tambon_name
from warning.web.render import language_of, must, office_of, render

router = APIRouter()
MAY_HEAR = MAY_WRITE
MOST_NAMED = 4
_SEVERITY = {"2": "Minor", "3": "Moderate", "4": "Severe", "5": "Extreme"}


def heard(session: Session, office: Office, now: datetime) -> list[Spoken]:
    """What others say now, the newest first."""
    return spoken(session, office.mode, now, office.config.sources, office.areas)


def where(voice: Spoken, lang: str) -> str:
    """`whole`, or the names of some tambon and how many more."""
    names = [tambon_name(code, lang) for code in sorted(voice.tambons)]
    more = f" +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


class Beside(NamedTuple):
    """What `voice_differs.html` reads, of one alert or of all."""

    differing: dict[UUID, list[Differing]]
    answered: dict[tuple[UUID, str], VoiceAnswer]


def beside(session: Session, alerts: Sequence[Alert], voices: Sequence[Spoken]) -> Beside:
    """Who gives the places of each alert another level, and what was answered."""
    if not voices:
        return Beside({}, {})
    said = answers_of(session, [alert.id for alert in alerts])
    return Beside(
        {a.id: differing(a, voices) for a in alerts}, {(one.alert_id, one.key): one for one in said}
    )


def align_to(alert: Alert, voice: Spoken) -> str | None:
    """The form in which our level becomes theirs: of a draft a person wrote its own, else a new one filled in. None: they see no
    danger, which no level of an alert says, so the draft is rejected; or it is out, and an update is drafted from it."""
    if (
        voice.level not in _SEVERITY
        or alert.kind not in ("alert", "update")
        or alert.state is not AlertState.DRAFT
    ):
        return None
    if alert.drafted_by != BY_RULE:
        return f"/alerts/{alert.id}/edit?severity={_SEVERITY[voice.level]}"
    return f"/compose?severity={_SEVERITY[voice.level]}&event={alert.event}&tambons={','.join(alert.tambons)}"


@router.get("/voices")
def page(request: Request) -> Response:
    must(request)
    office, lang = office_of(request), language_of(request)
    with office.database.session() as session:
        now = office.clock.now()
        voices, stopped = heard(session, office, now), held(session, now)
    return render(
        request, "console/voices.html", held=stopped, voices=voices, ready=readiness(voices), whos=WHO, levels=LEVELS[::-1],
        where=lambda voice: where(voice, lang), **_places(lang),
    )  # fmt: skip


def _places(lang: str) -> dict[str, Any]:
    places = gazetteer()
    amphoes = [
        (code, a.th if lang == "th" else a.en, [(t.code, tambon_name(t.code, lang)) for t in places.tambons_of(code)])
        for code, a in places.amphoes.items()
    ]  # fmt: skip
    return {"province": CHANGWAT, "amphoes": amphoes}


@router.post("/voices")
def make(
    request: Request,
    who: str = Form(default=""),
    level: str = Form(default=""),
    words: str = Form(default="", max_length=600),
    places: list[str] = Form(default=[]),  # noqa: B008
) -> Response:
    """places: codes of the province, an amphoe or a tambon."""
    person = must(request, *MAY_HEAR)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        by = (str(person.id), person.name)
        type_in(session, office.mode, who, level, [p for p in places if p], words, by, office.clock.now())
    return RedirectResponse("/voices", status_code=303)


@router.post("/voices/{voice_id}/end")
def end(request: Request, voice_id: UUID) -> Response:
    person = must(request, *MAY_HEAR)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        take_back(session, voice_id, str(person.id), office.clock.now())
    return RedirectResponse("/voices", status_code=303)


@router.post("/alerts/{alert_id}/voices")
def answer(
    request: Request,
    alert_id: UUID,
    key: str = Form(default=""),
    answer: Literal["correct", "stand"] = Form(),
) -> Response:
    """Tell the public what counts, or note that ours stays as it is."""
    person = must(request, *MAY_WRITE)
    office = office_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        answer_voice(
            session, alert_id, key, answer, heard(session, office, now), (str(person.id), person.name), now
        )
        out = session.get_one(Alert, alert_id).state is AlertState.ISSUED
    return RedirectResponse(f"/alerts/{alert_id}" if out else "/#drafts", status_code=303)
