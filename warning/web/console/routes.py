"""The console: one page and the buttons an officer presses. No rule of the platform lives here."""

from time import sleep
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import text

from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from geo.when import english_day, english_text, thai_day, thai_text
from warning.accounts.user import UserRole
from warning.alert import BY_RULE, Alert, AlertState
from warning.approval import agreed, approve, reject
from warning.cover_totals import totals
from warning.engine.app import defer
from warning.follow_up import follow_up
from warning.office import Office
from warning.plan import assumptions
from warning.posted import posted_of
from warning.voices import level_said, readiness
from warning.web.catalogue import say
from warning.web.console.drafts import carried, read_of
from warning.web.console.gauges import GaugeNow
from warning.web.console.map_levels import level_of
from warning.web.console.names import headline, plain, span, tambon_name, village_name
from warning.web.console.view import Console, console
from warning.web.console.voices import align_to, beside, heard, where
from warning.web.one_for_all import OneForAll
from warning.web.render import language_of, must, office_of, person_of, render
from warning.web.svg_hydrograph import hydrograph
from warning.web.svg_map import Cell, Mark, tambon_map
from warning.web.whole import kept
from warning.words.budget import budget
from warning.words.facts import Kind
from warning.words.one_language import one_language
from warning.words.template import AlertWords

router = APIRouter()
MAY_APPROVE = (UserRole.DUTY_OFFICER, UserRole.APPROVER)


@router.get("/")
def home(request: Request) -> Response:
    if person_of(request) is None:
        return render(request, "welcome.html")
    return render(request, "console/page.html", **_values(request))


@router.get("/console/now")
def now(request: Request) -> Response:
    """The part of the page that changes, for the live swap."""
    must(request)
    return render(request, "console/now.html", **_values(request))


def _assumed(lang: str) -> dict[str, str]:
    """Who says what the plan takes for granted, and of which day."""
    told = assumptions()
    return {"source": told.source_th if lang == "th" else told.source_en,
            "said_on": thai_day(told.said_on) if lang == "th" else english_day(told.said_on)}  # fmt: skip


def _values(request: Request) -> dict[str, Any]:
    office, lang = office_of(request), language_of(request)
    now = office.clock.now()
    read = request.query_params.get("read", "")

    def ask() -> Console:
        with office.database.session() as session:
            return console(session, office, now, lang, read_of(read))

    seen = _together(request)((lang, read), ask)
    thai = lang == "th"
    return {
        "c": seen, "carried": carried(seen.deciding), "map": _map(request, seen, lang),
        "map_mode": office.areas.mode if not office.areas.is_built_in else "",
        "graph": lambda gauge: _graph(gauge, now, lang),
        "budget_of": lambda alert: [
            (row.text, row.sentence.th if thai else row.sentence.en, row.ok) for row in budget(AlertWords.of(alert.words)).rows
        ],
        "tambon": lambda code: tambon_name(code, lang), "village": lambda code: village_name(code, lang),
        "since": lambda at: span(now - at, lang), "until": lambda at: span(at - now, lang),
        "why_of": lambda words: one_language(words, lang), "live_channels": office.anyone_told,
        "severity_level": level_of, "headline": lambda alert: headline(alert, lang), "by_rule": BY_RULE,
        "one_language": one_language, "plan_assumed": _assumed(lang),
        "ready": readiness(seen.voices), "voice_where": lambda voice: where(voice, lang), "align_to": align_to, "ours_of": level_said,
    }  # fmt: skip


def _together(request: Request) -> OneForAll[Console]:
    """All viewers fetch anew in the same moment: what they see is asked of the database once."""
    state = request.app.state
    if not hasattr(state, "console_together"):
        state.console_together = OneForAll()
    together: OneForAll[Console] = state.console_together
    return together


def _map(request: Request, seen: Console, lang: str) -> str:
    office, places = office_of(request), gazetteer()
    quiet, held = {code for silence in seen.silences for code in silence.tambons}, say(lang, "silence_on_map")
    cells = [
        Cell(
            code,
            tambon_name(code, lang),
            seen.levels[code],
            " · ".join([say(lang, f"map_level_{seen.levels[code]}"), *([held] if code in quiet else [])]),
            t.lat,
            t.lon,
            t.amphoe,
        )
        for code, t in places.tambons.items()
    ]
    rings = {code: office.areas.rings(code) for code in places.tambons if code in office.areas}
    marks = [
        Mark(f"{g.code} {g.name} {g.value_m:.2f}", g.lat, g.lon, bool(g.bank_m and g.value_m > g.bank_m))
        for g in seen.gauges if g.lat is not None and g.lon is not None
    ]  # fmt: skip
    amphoes = {a.code: a.th if lang == "th" else a.en for a in places.amphoes.values()}
    return tambon_map(cells, rings, marks, title=say(lang, "map_title"), groups=amphoes)


def _graph(gauge: GaugeNow, now: Any, lang: str) -> str:
    key = "gauge_sentence" if gauge.bank_m is not None else "gauge_sentence_no_bank"
    sentence = say(lang, key, name=gauge.name, value=f"{gauge.value_m:.2f}", bank=f"{gauge.bank_m or 0:.2f}")
    return hydrograph(
        gauge.series, bank_m=gauge.bank_m, now=now, sentence=sentence, bank_word=say(lang, "bank")
    )


@router.post("/alerts/{alert_id}/approve")
def say_yes(request: Request, alert_id: UUID, seen: str = Form(default="")) -> Response:
    """seen: the version that stood on the page; without it, or when it is old, the draft must be read again."""
    person = must(request, *MAY_APPROVE)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        defer(session, approve(session, alert_id, str(person.id), person.name, office.clock.now(), seen))
    if _state_soon(office, alert_id) is AlertState.REJECTED:
        raise NotAllowed(
            "อีกคนหนึ่งปฏิเสธร่างนี้ในเวลาเดียวกัน ไม่มีอะไรถูกส่ง (somebody rejected this draft in the same moment: nothing was sent)"
        )
    return RedirectResponse(
        "/" if office.anyone_told or office.mode.value == "exercise" else "/relay", status_code=303
    )


def _state_soon(office: Office, alert_id: UUID) -> AlertState:
    """Issuing takes a moment in a worker; the next page should show it done. Without a worker it goes on after a second."""
    for _ in range(10):
        with office.database.session() as session:
            state = session.get_one(Alert, alert_id).state
        if state is not AlertState.APPROVED:
            break
        sleep(0.1)
    return state


@router.post("/alerts/{alert_id}/reject")
def say_no(
    request: Request, alert_id: UUID, why: str = Form(default=""), seen: str = Form(default="")
) -> Response:
    person = must(request, *MAY_APPROVE)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        reject(session, alert_id, why, office.clock.now(), seen)
    return RedirectResponse("/", status_code=303)


@router.post("/alerts/{alert_id}/review")
def review(request: Request, alert_id: UUID) -> Response:
    """A second person has looked at what one person sent in haste."""
    person = must(request, *MAY_APPROVE)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        alert = session.get_one(Alert, alert_id, with_for_update=True)
        if alert.issued_at is None or alert.review_due_at is None or alert.reviewed_by is not None:
            raise NotAllowed("การเตือนนี้ไม่ได้รอทบทวน (this alert does not wait for a review)")
        if session.execute(
            text("SELECT 1 FROM approval WHERE alert_id = :a AND user_id = :u"),
            {"a": alert_id, "u": str(person.id)},
        ).first():
            raise NotAllowed(
                "ผู้ส่งทบทวนเองไม่ได้ ต้องเป็นอีกคนหนึ่ง (who sent it cannot review it: another person must)"
            )
        alert.reviewed_by, alert.changed_at = str(person.id), office.clock.now()
    return RedirectResponse(f"/alerts/{alert_id}", status_code=303)


@router.post("/alerts/{alert_id}/follow-up")
def follow(request: Request, alert_id: UUID, kind: Kind = Form()) -> Response:  # noqa: B008
    person = must(request, *MAY_APPROVE)
    office = office_of(request)
    with office.database.session() as session:
        session.info["actor"] = str(person.id)
        follow_up(session, alert_id, kind, str(person.id), office.clock.now(), office)
    return RedirectResponse("/#drafts", status_code=303)


@router.get("/alerts/{alert_id}")
def one_alert(request: Request, alert_id: UUID) -> Response:
    """One alert for the office: its words, who said yes, how far it has come, and what may follow."""
    must(request)
    office, lang = office_of(request), language_of(request)
    with office.database.session() as session:
        alert = session.get(Alert, alert_id)
        if alert is None:
            return render(request, "error.html", status=404, why=say(lang, "error_not_found"), sign_in=False)
        counted, said_yes = totals(session, alert.mode, alert.id), agreed(session, alert)
        differ = beside(session, [alert], heard(session, office, office.clock.now()))
        posted = posted_of(session, alert.id)
    return render(
        request, "console/alert.html", alert=alert, c=differ, align_to=align_to, ours_of=level_said,
        in_force=alert.state is AlertState.ISSUED, level=level_of(alert),
        headline=headline(alert, lang), plain=lambda words: kept(plain(words)), counted=counted, said_yes=said_yes, posted=posted,
        moment=thai_text if lang == "th" else english_text,
        tambon=lambda code: tambon_name(code, lang), kinds=[k for k in Kind if k is not Kind.ALERT],
    )  # fmt: skip
