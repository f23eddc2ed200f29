"""The page of the instruments: whose values were doubted and why, and which hazards nobody can see where. JSON beside it."""

from collections import Counter
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from geo.gazetteer import gazetteer
from geo.when import utc
from sources.contract import Quantity
from sources.verdict import VERDICT_WORDS, Verdict
from warning.blindness import STATES, Sight, blindness, newest_of, newest_of_places, without_river
from warning.doubted import Doubted, doubted
from warning.hazards import known
from warning.office import Office
from warning.place_readings import World
from warning.subject import quantity_words
from warning.web.console.names import tambon_name
from warning.web.render import language_of, must, office_of, render
from warning.words.one_language import one_language

router = APIRouter()
Sights = dict[str, dict[str, Sight]]


@router.get("/api/v1/blind")
def blind(request: Request) -> JSONResponse:
    """`{at, totals: {hazard: {state: tambons}}, tambons: {code: {th, en, without_river, hazards: {hazard: {state, by}}}}}`.

    States: seen, doubted, silent, blind (`warning.blindness`). by: the instruments a rule looks at. Times are UTC.
    """
    office = office_of(request)
    now = office.clock.now()
    seen, free = _sights(office, now)
    places = gazetteer()
    return JSONResponse({
        "at": utc(now).isoformat(),
        "totals": _totals(seen),
        "tambons": {
            code: {
                "th": places.tambon(code).th, "en": places.tambon(code).en, "without_river": code in free,
                "hazards": {hazard: _told(sight) for hazard, sight in hazards.items()},
            }
            for code, hazards in seen.items()
        },
    })  # fmt: skip


@router.get("/gauges")
def page(request: Request) -> Response:
    must(request)
    office, lang = office_of(request), language_of(request)
    now = office.clock.now()
    with office.database.session() as session:
        rates = doubted(session, now)
    seen, free = _sights(office, now)
    return render(
        request, "console/gauges.html", odd=[r for r in rates if r.share], even=[r for r in rates if not r.share],
        totals=_totals(seen), states=STATES, amphoes=_by_amphoe(seen, free, lang),
        dry=[tambon_name(code, lang) for code in seen if code not in free], station=lambda r: _station(r, lang),
        measured=lambda r: _measured(r, lang), tambon=lambda code: tambon_name(code, lang),
        mark=lambda verdict: VERDICT_WORDS[Verdict(verdict or "good")].symbol,
        word=lambda verdict: getattr(VERDICT_WORDS[Verdict(verdict or "good")], lang),
        one=lambda words: one_language(words, lang),
    )  # fmt: skip


def _sights(office: Office, now: datetime) -> tuple[Sights, set[str]]:
    rules, places = office.config.rules, gazetteer()
    with office.database.session() as session:
        world = World(session, now, office.config.sources, office.areas)
        newest = newest_of(session) | newest_of_places(world, rules, places)
    return (
        blindness(rules, places, newest, office.downstream, now),
        without_river(rules, places, office.downstream),
    )


def _totals(seen: Sights) -> dict[str, dict[str, int]]:
    counted = {hazard: Counter(hazards[hazard].state for hazards in seen.values()) for hazard in known()}
    return {hazard: {state: counts[state] for state in STATES} for hazard, counts in counted.items()}


def _told(sight: Sight) -> dict[str, Any]:
    return {
        "state": sight.state,
        "by": [look._asdict() | {"at": look.at and look.at.isoformat()} for look in sight.looks],
    }


def _by_amphoe(seen: Sights, free: set[str], lang: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Name of an amphoe, and of each of its tambon the hazards by state, those nobody sees counted only."""
    places = gazetteer()
    found: dict[str, list[dict[str, Any]]] = {}
    for code, hazards in seen.items():
        by = {state: [h for h, sight in hazards.items() if sight.state == state] for state in STATES}
        name = getattr(places.amphoe(code), lang)
        found.setdefault(name, []).append({"name": tambon_name(code, lang), "by": by, "free": code in free})
    return list(found.items())


def _station(row: Doubted, lang: str) -> str:
    gauge = gazetteer().gauges.get(row.station)
    if gauge is not None:
        return f"{row.station} {gauge.th if lang == 'th' else gauge.en}"
    return f"{row.station} {row.name}" if row.name and lang == "th" else row.station


def _measured(row: Doubted, lang: str) -> str:
    if row.quantity not in set(Quantity):
        return f"{row.value:.2f}"
    th, en, unit_th, unit_en = quantity_words(Quantity(row.quantity))
    return f"{th} {row.value:.2f} {unit_th}" if lang == "th" else f"{en} {row.value:.2f} {unit_en}"
