"""A tambon's area is not read again in each alert; whatever differs from it by one sign is."""

from dataclasses import replace

import pytest
from shapely.geometry import box

from tests.warning.cap.test_documents import made
from tests.warning.words.facts_made import facts
from warning.cap import validate
from warning.cap.document import Area, Named
from warning.cap.shapes import ring_text, rings
from warning.cap.validate import problems
from warning.cap.writer import cap_xml

AREAS = tuple(
    Area(f"ตำบล {n}", rings(box(100 + n / 10, 7.6, 100.05 + n / 10, 7.65)), (Named("TIS1099", f"93010{n}"),))
    for n in range(1, 4)
)
RING = ring_text(AREAS[2].polygons[0]).encode()
_FIRST, _SECOND, _THIRD, _FOURTH, _LAST = RING.split()
AMISS = [
    (RING, b" ".join((_FIRST, _SECOND, _THIRD, _FOURTH)), "rule.polygon"),
    (RING, b" ".join((_FIRST, _THIRD, _SECOND, _FOURTH, _LAST)), "mark.self_crossing"),
    ("ตำบล 3".encode(), b" ", "rule.areaDesc"),
    (b"<valueName>TIS1099</valueName>\n        <value>930103", b"<value>930103", "schema.count"),
    (b"</area>\n  </info>", b"</area>stray</info>", "schema.text"),
    (b"</area>\n  </info>", b"<circle>7.6,100.3 -1</circle></area></info>", "schema.order"),
]  # fmt: skip


def drawn() -> bytes:
    """Good, and nothing of it known yet."""
    document = made(facts())
    xml = cap_xml(replace(document, infos=tuple(replace(info, areas=AREAS) for info in document.infos)))
    validate._known_areas.clear()
    return xml


@pytest.mark.parametrize(("was", "becomes", "code"), AMISS, ids=[code for _, _, code in AMISS])
def test_an_area_known_to_be_good_is_no_excuse_for_another(was: bytes, becomes: bytes, code: str) -> None:
    good = drawn()
    assert good.count(was) == 2, "one in each language"
    amiss = good.replace(was, becomes)
    unknown = problems(amiss)
    assert code in {problem.code for problem in unknown}
    assert problems(good) == problems(good)
    assert validate._known_areas, "else nothing is tried here"
    assert problems(amiss) == unknown
    assert problems(amiss) == unknown, "what is amiss is not learnt"


def test_a_ring_that_crosses_itself_is_marked_each_time() -> None:
    crossed = drawn().replace(*AMISS[1][:2])
    assert [p.code for p in problems(crossed)] == [p.code for p in problems(crossed)] != []
    assert not validate._known_areas
