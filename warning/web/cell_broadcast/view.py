"""What the page of a request shows, in the reader's language."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from geo.when import english_text, thai_text
from warning.alert import Alert
from warning.cell_broadcast.checks import Check, stopped_by
from warning.cell_broadcast.identifiers import IDENTIFIERS, Level, serial_text
from warning.cell_broadcast.line_text import line_text
from warning.cell_broadcast.minutes import OF_OPERATOR, Way, steps_of, way_of
from warning.cell_broadcast.pages import size_of
from warning.cell_broadcast.prepare import draft_of
from warning.cell_broadcast.record import CellBroadcast, Operator, Step
from warning.office import Office
from warning.web.console.names import headline, span
from warning.words.facts import PlaceFact
from warning.words.places import each
from warning.writing import places_of

OPERATOR_NAMES = {Operator.AIS: "AIS", Operator.TRUE: "True", Operator.NT: "NT"}
TO_NOTE = (Step.RUNG, Step.SENT_LINE, Step.ACCEPTED, Step.DECLINED)


class Minute(NamedTuple):
    step: str
    operator: str
    at: datetime
    since: str  # since the approval
    by: str
    spoken_to: str
    note: str


def draft_view(
    session: Session, alert: Alert, level: Level | None, now: datetime, office: Office, lang: str
) -> dict[str, Any]:
    draft = draft_of(session, alert, level, now, office)
    return {
        **_common(alert, office, lang), "level": draft.level, "texts": _texts(draft.text_th, draft.text_en),
        "checks": [_said(check, lang) for check in draft.checks], "ready": not stopped_by(draft.checks),
        "levels": [(one, _name(one, lang)) for one in Level],
    }  # fmt: skip


def asked_view(
    session: Session, alert: Alert, request: CellBroadcast, now: datetime, office: Office, lang: str
) -> dict[str, Any]:
    way = way_of(steps_of(session, request.id))
    until = way.first_on_air_at or now
    return {
        **_common(alert, office, lang), "asked": request, "way": way, "minutes": _minutes(way, request, office, lang),
        "level": Level(request.level), "level_name": _name(Level(request.level), lang),
        "identifiers": IDENTIFIERS[Level(request.level)], "serial": serial_text(request.message_code, request.update_no),
        "texts": _texts(request.text_th, request.text_en), "paste": paste_text(session, request, alert, office),
        "clock_runs": span(until - request.approved_at, lang), "approved": _moment(lang)(request.approved_at),
        "may": [step for step in TO_NOTE if way.may(step)], "over": request.expires_at <= now,
        "operators": [
            (one.value, OPERATOR_NAMES[one], _standing(way, one), [s for s in OF_OPERATOR if way.may(s, one)]) for one in Operator
        ],
    }  # fmt: skip


def paste_text(session: Session, request: CellBroadcast, alert: Alert, office: Office) -> str:
    """The Thai text for DDPM's LINE."""
    before = session.get(CellBroadcast, request.replaces) if request.replaces else None
    told = office.config.office
    return line_text(request, alert, _whole(alert), before, office=told.name_th, phone=told.phone)


def area_words(alert: Alert) -> list[str]:
    """The tambon in Thai."""
    return [each(place, "th") for place in _whole(alert)]


def _whole(alert: Alert) -> tuple[PlaceFact, ...]:
    """A broadcast goes by tambon."""
    return tuple(replace(place, villages=()) for place in places_of(alert))


def _common(alert: Alert, office: Office, lang: str) -> dict[str, Any]:
    return {
        "alert": alert, "headline": headline(alert, lang), "moment": _moment(lang),
        "ring": office.config.office.broadcast_phone,
    }  # fmt: skip


def _moment(lang: str) -> Any:
    return thai_text if lang == "th" else english_text


def _minutes(way: Way, request: CellBroadcast, office: Office, lang: str) -> list[Minute]:
    return [
        Minute(
            s.step, OPERATOR_NAMES[Operator(s.operator)] if s.operator else "", s.at, span(s.at - request.approved_at, lang),
            s.by_name, office.keyring.open(s.spoken_to_sealed) if s.spoken_to_sealed else "", s.note,
        )
        for s in way.steps
    ]  # fmt: skip


def _standing(way: Way, operator: Operator) -> str:
    return "broadcasting" if operator in way.on_air else "stopped" if operator in way.was else "not_yet"


def _texts(th: str, en: str) -> list[tuple[str, str, int, int]]:
    """Language, words, units and pages."""
    return [("th", th, *size_of(th)), ("en", en, *size_of(en))]


def _said(check: Check, lang: str) -> tuple[bool, bool, str]:
    return check.ok, check.advice, check.said.th if lang == "th" else check.said.en


def _name(level: Level, lang: str) -> str:
    name = IDENTIFIERS[level].name
    return name.th if lang == "th" else name.en
