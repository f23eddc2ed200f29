"""The picture of an alert's places: public as the alert is, LINE's own format, told to LINE only where it can fetch it."""

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from channels.line_message import COLOURS
from geo.areas import built_in_areas
from tests.services.require import missing
from tests.warning.town import TAMBON, ToldByLine, accepts, channel
from tests.web.paper_office import Night, night, served
from tests.web.test_console_seen import draft
from tests.web.visitor import see
from warning.clock import HandClock
from warning.compose import _map
from warning.map_picture import SIDE, map_picture
from warning.store.database import Database
from warning.web.assets import STATIC


@pytest.fixture(autouse=True)
def built() -> None:
    if not (STATIC / ".vite" / "manifest.json").exists():
        missing("the pages are not built (make setup)")


@pytest.fixture
def town(database: Database, clock: HandClock) -> Night:
    return night(database, clock)


@pytest.fixture
def url(town: Night) -> Iterator[str]:
    with served(town) as address:
        yield address


def coloured(png: bytes, severity: str) -> float:
    """The part of the map above its foot that has the level's colour."""
    image = Image.open(io.BytesIO(png)).convert("RGB").crop((0, 0, SIDE, SIDE - 130))
    wanted = tuple(int(COLOURS[severity][n : n + 2], 16) for n in (1, 3, 5))
    found = sum(n for n, dot in image.getcolors(10**7) or [] if dot == wanted)
    return found / (image.width * image.height)


def test_the_public_sees_the_places_and_nobody_sees_a_draft_s(town: Night, url: str) -> None:
    alert, hidden = town.flood(), draft(town)
    answer = see(f"{url}/a/{alert.id}/map.png")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (SIDE, SIDE) and len(answer.content) < 300_000
    assert 0.01 < coloured(answer.content, alert.severity) < 0.9
    for reference in (hidden.id, "พท-2569-9999"):
        assert see(f"{url}/a/{reference}/map.png").status_code == 404


@pytest.mark.parametrize("severity", ["Extreme", "Severe", "Moderate", "Minor"])
def test_one_tambon_is_shown_large_and_an_exercise_is_told_apart(severity: str) -> None:
    areas = built_in_areas()
    real = map_picture([TAMBON], severity, "ระดับ 4", "พท-2569-0012", areas, exercise=False)
    drill = map_picture([TAMBON], severity, "ระดับ 4", "พท-2569-0012", areas, exercise=True)
    assert coloured(real, severity) > 0.2 and real != drill
    everywhere = map_picture(list(areas.codes), severity, "ระดับ 4", "พท-2569-0012", areas, exercise=False)
    assert coloured(everywhere, severity) > 0.2


def test_a_tambon_nobody_has_drawn_leaves_the_province(town: Night) -> None:
    assert map_picture(["909999"], "Severe", "ระดับ 4", "พท-2569-0012", built_in_areas(), exercise=False)


@pytest.mark.parametrize(
    ("public_url", "kind", "there"),
    [
        pytest.param("https://raksa.example/", "line", True, id="https"),
        pytest.param("http://127.0.0.1:8000", "line", False, id="line-fetches-by-https-only"),
        pytest.param(None, "line", False, id="no-public-address"),
        pytest.param("https://raksa.example", "sms", False, id="sms-carries-no-link"),
    ],
)
def test_line_is_told_where_the_map_is(town: Night, public_url: str | None, kind: str, there: bool) -> None:
    alert = town.flood()
    carrier = channel(accepts, "line", ToldByLine) if kind == "line" else channel(accepts)
    office: Any = SimpleNamespace(config=SimpleNamespace(office=SimpleNamespace(public_url=public_url)))
    told = _map(alert, carrier, office)
    assert told == (
        {"map": f"https://raksa.example/a/{alert.id}/map.png", "page": f"https://raksa.example/a/{alert.id}"} if there else {}
    )  # fmt: skip
