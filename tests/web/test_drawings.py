"""The drawn map and hydrograph: well-formed, complete, readable, whatever the night brings."""

import re
import unicodedata
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.areas import built_in_areas
from geo.gazetteer import gazetteer
from warning.web.svg_hydrograph import HEIGHT, hydrograph
from warning.web.svg_map import WIDTH, Cell, Mark, tambon_map

SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def province(level: int, lang: str = "th") -> ET.Element:
    places, areas = gazetteer(), built_in_areas()
    cells = [
        Cell(code, t.th if lang == "th" else t.en, level, "คำ", t.lat, t.lon, t.amphoe)
        for code, t in places.tambons.items()
    ]
    rings = {code: areas.rings(code) for code in places.tambons}
    groups = {a.code: a.th if lang == "th" else a.en for a in places.amphoes.values()}
    return parsed(tambon_map(cells, rings, [Mark("X.170", 7.6, 100.0, True)], title="แผนที่", groups=groups))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(f'<div xmlns="http://www.w3.org/2000/svg">{svg}</div>')


def boxes(drawing: ET.Element) -> list[tuple[float, float, float, float]]:
    """Where each name stands, a little narrower than the drawer believes: what must not meet."""
    found = []
    for text in drawing.iter(f"{SVG}text"):
        if text.get("class") in {"name", "group"}:
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            half = 3.5 * sum(unicodedata.category(letter) != "Mn" for letter in text.text or "")
            found.append((x - half, y - 12, x + half, y + 4))
    return found


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("level", [-1, 0, 1, 2, 3, 4, 5])
def test_every_tambon_is_drawn_with_its_word(level: int, lang: str) -> None:
    drawing = province(level, lang)
    areas = [path for path in drawing.iter(f"{SVG}path") if "area" in (path.get("class") or "")]
    assert len(areas) == 65
    wanted = {0: "blind", -1: "silent"}.get(level, f"level-{level}")
    assert all((path.get("class") or "").split()[1] == wanted for path in areas)
    assert all((path.findtext(f"{SVG}title") or "").endswith(": คำ") for path in areas)


@pytest.mark.parametrize("level", [1, 5])
@pytest.mark.parametrize("lang", ["th", "en"])
def test_names_stay_in_the_picture_and_off_each_other(level: int, lang: str) -> None:
    placed = boxes(province(level, lang))
    assert len(placed) >= (11 if level == 1 else 20)
    assert all(left >= 0 and right <= WIDTH for left, _, right, _ in placed)
    assert not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(placed, 2)
    )


@pytest.mark.parametrize(("level", "figures"), [(1, 0), (0, 0), (-1, 0), (2, 65), (5, 65)])
def test_a_level_is_never_colour_alone(level: int, figures: int) -> None:
    drawing = province(level)
    marks = [g for g in drawing.iter(f"{SVG}g") if g.get("class") == "mark"]
    assert len(marks) == figures
    assert all(g.find(f".//{SVG}text") is not None and len(list(g.iter())) == 4 for g in marks)


def test_each_level_has_a_shape_of_its_own() -> None:
    shapes = set()
    for level in (2, 3, 4, 5):
        mark = next(g for g in province(level).iter(f"{SVG}g") if g.get("class") == "mark")
        inner = mark.find(f"{SVG}g")
        assert inner is not None
        shapes.add(ET.tostring(inner[0]))
    assert len(shapes) == 4


def test_a_close_up_only_where_it_shows_more() -> None:
    assert "close-up" not in ET.tostring(province(5), encoding="unicode")
    assert "close-up" not in ET.tostring(province(1), encoding="unicode")
    ring = [(100.0, 7.5), (100.4, 7.5), (100.4, 7.9), (100.0, 7.9), (100.0, 7.5)]
    small = [Cell("930101", "ก", 5, "", 7.6, 100.1), Cell("930102", "ข", 1, "", 7.8, 100.3)]
    svg = tambon_map(small, {"930101": [ring], "930102": [ring]}, [], title="x")
    assert 'class="map close-up"' in svg and 'aria-hidden="true"' in svg


def test_names_cannot_break_out_of_the_picture() -> None:
    ring = [(100.0, 7.5), (100.2, 7.5), (100.2, 7.7), (100.0, 7.5)]
    svg = tambon_map([Cell("1", '<b>"x', 5, "&", 7.6, 100.1)], {"1": [ring]}, [], title='"><script>')
    assert "<b>" not in svg and "<script>" not in svg
    parsed(svg)


def test_nothing_to_draw_is_nothing() -> None:
    assert tambon_map([], {}, [], title="x") == ""
    assert hydrograph([(NOW, 1.0)], bank_m=None, now=NOW, sentence="", bank_word="") == ""


@given(
    st.lists(st.floats(-5, 600, allow_nan=False), min_size=2, max_size=40),
    st.none() | st.floats(-5, 600, allow_nan=False),
    st.integers(0, 600),
)
def test_water_and_bank_are_always_inside_the_picture(
    values: list[float], bank: float | None, late: int
) -> None:
    series = [(NOW + timedelta(minutes=10 * n), value) for n, value in enumerate(values)]
    svg = hydrograph(
        series, bank_m=bank, now=series[-1][0] + timedelta(minutes=late), sentence="น้ำ & ตลิ่ง", bank_word="ตลิ่ง"
    )
    drawing = parsed(svg)
    heights = [
        float(y) for y in re.findall(r"(?<=,)-?[\d.]+", drawing.find(f".//{SVG}polyline").get("points"))
    ]  # type: ignore[union-attr, arg-type]
    lines = [float(line.attrib["y1"]) for line in drawing.iter(f"{SVG}line")]
    assert len(heights) == len(values) and all(0 <= y <= HEIGHT for y in heights + lines)
    assert sum(line.get("class") == "bank" for line in drawing.iter(f"{SVG}line")) == (bank is not None)


def test_over_the_bank_looks_over_the_bank() -> None:
    series = [(NOW, 24.0), (NOW + timedelta(hours=1), 26.6)]
    drawing = parsed(hydrograph(series, bank_m=25.2, now=NOW, sentence="s", bank_word="ตลิ่ง"))
    bank = next(float(e.attrib["y1"]) for e in drawing.iter(f"{SVG}line") if e.get("class") == "bank")
    last = next(float(e.attrib["cy"]) for e in drawing.iter(f"{SVG}circle"))
    assert last < bank  # higher on the page
    assert "ตลิ่ง 25.20" in "".join(drawing.itertext())
