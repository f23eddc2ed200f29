"""The page that says why an alert is as it is."""

from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geo.gazetteer import gazetteer
from geo.when import english_text, thai_text
from sources.contract import Quantity
from warning.alert import BY_RULE, Alert
from warning.subject import quantity_words
from warning.web.catalogue import catalogue, say
from warning.web.console.map_levels import level_of
from warning.web.console.names import headline, tambon_name
from warning.web.render import language_of, must, office_of, render
from warning.why import Act, Reading, why
from warning.words.facts import Lang
from warning.words.one_language import one_language
from warning.words.sentences import at_text

router = APIRouter()


@router.get("/alerts/{alert_id}/why")
def why_page(request: Request, alert_id: UUID) -> Response:
    """Values, their quality, rule and version, the reason of each place, what was known when, who changed what."""
    must(request)
    office, lang = office_of(request), language_of(request)
    with office.database.session() as session:
        alert = session.get(Alert, alert_id)
        if alert is None:
            return render(request, "error.html", status=404, why=say(lang, "error_not_found"), sign_in=False)
        found = why(session, alert, office)
    return render(
        request, "console/why.html", found=found, alert=alert, level=level_of(alert), headline=headline(alert, lang),
        by_rule=alert.drafted_by == BY_RULE, moment=thai_text if lang == "th" else english_text,
        hour=lambda at: at_text(at, cast("Lang", lang)),
        tambon=lambda code: tambon_name(code, lang), station=lambda code: _station(code, lang),
        measured=lambda reading: _measured(reading, lang), act=lambda done: _act(done, lang),
        one=lambda words: one_language(words, lang),
    )  # fmt: skip


def _station(code: str, lang: str) -> str:
    gauge = gazetteer().gauges.get(code)
    return f"{code} {gauge.th if lang == 'th' else gauge.en}" if gauge else code


def _measured(reading: Reading, lang: str) -> str:
    if reading.quantity not in set(Quantity):
        return f"{reading.value:.2f}"
    th, en, unit_th, unit_en = quantity_words(Quantity(reading.quantity))
    return f"{th} {reading.value:.2f} {unit_th}" if lang == "th" else f"{en} {reading.value:.2f} {unit_en}"


def _act(done: Act, lang: str) -> str:
    """In words where we have them: a state by its name, else the columns that changed."""
    if done.state and f"state_{done.state.lower()}" in catalogue():
        return say(lang, f"state_{done.state.lower()}")
    key = f"why_act_{done.action.replace('.', '_')}"
    return say(lang, key) if key in catalogue() else done.action
