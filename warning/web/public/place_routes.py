"""My village now, the map, the gauges, what was warned before, how the service is: pages without a sign-in, a script or a cookie."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select

from geo.gazetteer import Tambon, UnknownPlace, gazetteer
from geo.thai import thai_sort_key
from warning.alert import Alert
from warning.source_state import SourceState
from warning.web.catalogue import say
from warning.web.console.names import span, tambon_name
from warning.web.paper import paper
from warning.web.public.alert_view import PUBLIC, alerts_in_force, level_of
from warning.web.public.find_place import find_places
from warning.web.public.gauge_view import GaugeLine, all_gauges, gauge_lines
from warning.web.public.place_view import levels_now, place_now
from warning.web.public.push_routes import push_of
from warning.web.render import language_of, office_of
from warning.web.svg_hydrograph import hydrograph
from warning.web.svg_map import Cell, Mark, tambon_map

router = APIRouter()
MOST_ARCHIVED = 200
ARCHIVE_FOR = timedelta(days=400)


@router.get("/now")
def choose(request: Request, q: str = "") -> Response:
    """Choose a place: by name, else amphoe by amphoe. A name only one place has leads straight to it."""
    office, lang = office_of(request), language_of(request)
    places = gazetteer()
    found = find_places(q) if q.strip() else []
    if len(found) == 1:
        return RedirectResponse(f"/now/{found[0]}", status_code=303)
    with office.database.session() as session:
        levels = levels_now(session, office.mode, office.clock.now())
        warned = alerts_in_force(session, office.mode, office.clock.now())
    amphoes = [
        (amphoe, tambons, max(levels[t.code] for t in tambons))
        for amphoe in places.amphoes.values()
        for tambons in [_in_order(places.tambons_of(amphoe.code), lang)]
    ]
    return paper(
        request, "public/choose.html", amphoes=amphoes, levels=levels, found=found, asked=q.strip()[:60], warned=warned,
        whole=len({code for view in warned for code in view.alert.tambons}) == len(places.tambons),
    )  # fmt: skip


def _in_order(tambons: Sequence[Tambon], lang: str) -> list[Tambon]:
    """As a reader of that language looks for them."""
    return sorted(tambons, key=lambda t: thai_sort_key(t.th) if lang == "th" else (t.en, "", ""))


@router.get("/now/{code}")
def now(request: Request, code: str) -> Response:
    office, lang = office_of(request), language_of(request)
    moment = office.clock.now()
    try:
        with office.database.session() as session:
            place = place_now(session, code, office.mode, moment)
    except UnknownPlace as unknown:
        raise HTTPException(404) from unknown
    return paper(
        request, "public/place.html", push=push_of(office) is not None, place=place, alert=place.alert,
        villages=gazetteer().villages_of(place.tambon),
        ago=lambda at: span(moment - at, lang), gauge_name=lambda line: gauge_name(line, lang),
        gauge_place=lambda line: tambon_name(line.tambon, lang),
    )  # fmt: skip


@router.get("/water")
def water(request: Request) -> Response:
    """Every level gauge in words, those over their bank first."""
    office, lang = office_of(request), language_of(request)
    moment = office.clock.now()
    with office.database.session() as session:
        lines = all_gauges(session, moment)
    spoke = {line.code for line in lines}
    never = [g for g in gazetteer().gauges.values() if "level" in g.measures and g.code not in spoke]
    return paper(
        request, "public/water.html", lines=lines, never=never, ago=lambda at: span(moment - at, lang),
        gauge_name=lambda line: gauge_name(line, lang), gauge_place=lambda line: tambon_name(line.tambon, lang),
    )  # fmt: skip


@router.get("/water/{code}")
def gauge(request: Request, code: str) -> Response:
    """One gauge: its last day as a picture, and the same in words."""
    office, lang = office_of(request), language_of(request)
    moment = office.clock.now()
    known = gazetteer().gauges.get(code)
    if known is None:
        raise HTTPException(404)
    with office.database.session() as session:
        line = next(iter(gauge_lines(session, [known], moment)), None)
    picture = ""
    if line is not None:
        said = say(lang, f"water_{line.word}_at", name=gauge_name(line, lang))
        picture = hydrograph(
            line.series, bank_m=line.bank_m, now=moment, sentence=said, bank_word=say(lang, "pub_bank")
        )
    return paper(
        request, "public/gauge.html", gauge=known, line=line, picture=picture, ago=lambda at: span(moment - at, lang),
        gauge_name=lambda line: gauge_name(line, lang), gauge_place=lambda line: tambon_name(line.tambon, lang),
    )  # fmt: skip


def gauge_name(line: GaugeLine, lang: str) -> str:
    known = gazetteer().gauges[line.code]
    return known.th if lang == "th" else known.en


@router.get("/map")
def picture(request: Request) -> Response:
    """The province as a picture, and the same as a list."""
    office, lang = office_of(request), language_of(request)
    places = gazetteer()
    with office.database.session() as session:
        levels = levels_now(session, office.mode, office.clock.now())
        lines = all_gauges(session, office.clock.now())
    cells = [
        Cell(
            t.code,
            t.th if lang == "th" else t.en,
            levels[t.code],
            say(lang, f"pub_level_{levels[t.code]}"),
            t.lat,
            t.lon,
            t.amphoe,
        )
        for t in places.tambons.values()
    ]
    marks = [
        Mark(gauge_name(line, lang), places.gauges[line.code].lat, places.gauges[line.code].lon, line.word == "over")
        for line in lines if not line.silent
    ]  # fmt: skip
    groups = {a.code: a.th if lang == "th" else a.en for a in places.amphoes.values()}
    drawn = tambon_map(
        cells,
        {code: office.areas.rings(code) for code in places.tambons if code in office.areas},
        marks,
        title=say(lang, "pub_map_title"),
        groups=groups,
        link="/now/{code}",
    )
    return paper(
        request, "public/map.html", drawn=drawn, cells=sorted(cells, key=lambda c: (-c.level, c.code))
    )


@router.get("/archive")
def archive(request: Request) -> Response:
    """What was issued, newest first, with what became of it."""
    office = office_of(request)
    moment = office.clock.now()
    with office.database.session() as session:
        found = session.exec(
            select(Alert)
            .where(
                Alert.mode == office.mode,
                col(Alert.state).in_(PUBLIC),
                col(Alert.issued_at) > moment - ARCHIVE_FOR,
            )
            .order_by(col(Alert.issued_at).desc())
            .limit(MOST_ARCHIVED)
        ).all()
    return paper(request, "public/archive.html", alerts=[(alert, level_of(alert)) for alert in found])


@router.get("/status")
def status(request: Request) -> Response:
    """Which of our ears hear: each source and since when it is silent; said plainly."""
    office, lang = office_of(request), language_of(request)
    moment = office.clock.now()
    with office.database.session() as session:
        states = {s.source: s for s in session.exec(select(SourceState)).all()}
    sources = [(source.name, states.get(source.name)) for source in office.config.sources if source.on]
    return paper(request, "public/status.html", sources=sources, ago=lambda at: span(moment - at, lang))
