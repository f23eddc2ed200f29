"""The map of an alert as a picture: what LINE shows above its words. Public, as the alert is."""

from functools import lru_cache

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geo.areas import Areas
from warning.alert import Mode
from warning.map_picture import map_picture
from warning.web.catalogue import say
from warning.web.public.alert_view import alert_view
from warning.web.render import office_of

router = APIRouter()


@router.get("/a/{reference}/map.png")
def map_of(request: Request, reference: str) -> Response:
    office = office_of(request)
    with office.database.session() as session:
        view = alert_view(session, reference, office.mode, office.clock.now())
    if view is None:
        return Response(status_code=404)
    alert = view.alert
    word = f"{say('th', 'level')} {view.level} {say('th', f'level_word_{view.level}')}"
    word += " (บางหมู่บ้าน)" if alert.villages else ""
    number = alert.number.removeprefix("ฝึก-")
    exercise = alert.mode is Mode.EXERCISE
    made = _drawn(tuple(alert.tambons), alert.severity, word, number, office.areas, exercise)
    return Response(made, media_type="image/png")


@lru_cache(maxsize=64)
def _drawn(
    tambons: tuple[str, ...], severity: str, word: str, number: str, areas: Areas, exercise: bool
) -> bytes:
    """The pages kept ready are made anew whenever anything changes; what is drawn stays the same."""
    return map_picture(tambons, severity, word, number, areas, exercise=exercise)
