"""A request to DDPM: identifiers, serial, chain, drawing and CAP, against the tables of 3GPP TS 23.041 and of Android."""

from datetime import timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import built_in_areas
from geo.errors import NotAllowed
from geo.gazetteer import gazetteer
from tests.warning.cell_broadcast.asked_office import BY, asked, issued, noted
from tests.web.paper_office import night
from warning.alert import AlertState, Mode
from warning.cap.reader import read_cap
from warning.cell_broadcast.identifiers import IDENTIFIERS, Level, serial, serial_text, suggested
from warning.cell_broadcast.line_text import LINE_LETTERS, line_text
from warning.cell_broadcast.outline import MOST_POINTS, drawing, points
from warning.cell_broadcast.pages import size_of
from warning.cell_broadcast.prepare import draft_of, prepare
from warning.cell_broadcast.record import Step
from warning.words.phrases import EXERCISE_FRONT
from warning.writing import places_of


@pytest.mark.parametrize(
    ("level", "thai", "other"),
    [("national", 4370, 4383), ("extreme", 4371, 4384), ("information", 4396, 4397), ("test", 4380, 4393)],
)
def test_identifiers_of_a_thai_telephone(level: str, thai: int, other: int) -> None:
    assert IDENTIFIERS[Level(level)][:2] == (thai, other)


@pytest.mark.parametrize(
    ("severity", "urgency", "test", "over", "level"),
    [
        ("Extreme", "Immediate", False, False, "extreme"),
        ("Severe", "Expected", False, False, "extreme"),
        ("Extreme", "Future", False, False, "information"),
        ("Moderate", "Immediate", False, False, "information"),
        ("Extreme", "Past", False, True, "information"),
        ("Extreme", "Immediate", True, False, "test"),
        ("Extreme", "Immediate", True, True, "test"),
    ],
)
def test_the_level_an_officer_finds_chosen(
    severity: str, urgency: str, test: bool, over: bool, level: str
) -> None:
    assert suggested(severity, urgency, test=test, over=over) == level


def test_the_serial_is_sixteen_bits() -> None:
    assert serial_text(193, 2) == "0x4C12 (193/2)"
    assert [serial(*x) for x in ((0, 0), (0, 1), (1, 0), (1023, 15))] == [0x4000, 0x4001, 0x4010, 0x7FFF]
    for code, update in ((1024, 0), (0, 16), (-1, 0)):
        with pytest.raises(ValueError, match="no serial"):
            serial(code, update)


@pytest.mark.parametrize(
    ("text", "units", "pages", "fits", "advised"),
    [
        pytest.param("น" * 41, 41, 1, True, True, id="one-page"),
        pytest.param("น" * 42, 42, 2, True, True, id="one-letter-more"),
        pytest.param("น" * 205, 205, 5, True, True, id="five-pages"),
        pytest.param("น" * 206, 206, 6, True, False, id="more-than-advised"),
        pytest.param("น" * 615, 615, 15, True, False, id="the-most"),
        pytest.param("น" * 616, 616, 16, False, False, id="one-too-many"),
        pytest.param("a" * 93, 93, 1, True, True, id="english-page"),
        pytest.param("a" * 94, 94, 2, True, True, id="english-two"),
        pytest.param("a" * 1396, 1396, 16, False, False, id="english-too-long"),
        pytest.param("", 0, 1, False, True, id="nothing"),
        pytest.param("a" * 41 + "ม", 42, 2, True, True, id="one-thai-letter-makes-it-ucs2"),
    ],
)
def test_pages(text: str, units: int, pages: int, fits: bool, advised: bool) -> None:
    size = size_of(text)
    assert (size.units, size.pages, size.fits, size.advised) == (units, pages, fits, advised)


CODES = sorted(gazetteer().tambons)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(CODES), min_size=1, max_size=40, unique=True))
def test_a_drawing_leaves_nobody_out(codes: list[str]) -> None:
    areas = built_in_areas()
    shapes = [areas.outline(code) for code in codes]
    rings = drawing(shapes)
    assert 4 <= points(rings) <= MOST_POINTS
    drawn = shapely.unary_union([shapely.Polygon([(lon, lat) for lat, lon in ring]) for ring in rings])
    assert shapely.unary_union(shapes).difference(drawn).area < 1e-9
    assert all(ring[0] == ring[-1] for ring in rings)


def test_a_request_is_a_cap_document_that_holds(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town)
        request = asked(session, town, alert)
        made = read_cap(request.cap_xml)
        assert (made.msg_type, made.status, made.scope, made.references) == (
            "Alert",
            "Actual",
            "Restricted",
            (),
        )
        assert made.identifier == request.identifier != alert.identifier
        th, en = ({p.name: p.value for p in info.parameters} for info in made.infos)
        assert (th["CBMESSAGEIDENTIFIER"], en["CBMESSAGEIDENTIFIER"]) == ("4371", "4384")
        assert th["CBSERIALNUMBER"] == en["CBSERIALNUMBER"] == "0x4000"
        assert (th["CBTEXT"], en["CBTEXT"]) == (alert.words["cb_th"], alert.words["cb_en"])
        assert [len(info.areas) for info in made.infos] == [1, 1]
        assert {g.value for g in made.infos[0].areas[0].geocodes} >= set(alert.tambons)
        assert sum(map(len, made.infos[0].areas[0].polygons)) == request.points <= MOST_POINTS
        assert b"Signature" in request.cap_xml
        assert request.approved_at == clock.now() - timedelta(minutes=4)


def test_a_chain_keeps_its_code_and_raises_its_update(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        first = issued(session, town)
        a = asked(session, town, first)
        noted(session, town, a, Step.RUNG, Step.ACCEPTED)
        clock.forward(timedelta(minutes=30))
        update = issued(
            session,
            town,
            "พท-2569-0013",
            kind="update",
            references=[str(first.id)],
            facts={"replaces": first.number},
        )
        b = asked(session, town, update)
        noted(session, town, b, Step.RUNG, Step.ACCEPTED)
        clock.forward(timedelta(minutes=30))
        cancel = issued(
            session,
            town,
            "พท-2569-0014",
            kind="cancel",
            references=[str(update.id)],
            facts={"replaces": update.number},
        )
        c = asked(session, town, cancel)
        other = asked(session, town, issued(session, town, "พท-2569-0015"))
        assert [(r.message_code, r.update_no) for r in (a, b, c, other)] == [(0, 0), (0, 1), (0, 2), (1, 0)]
        assert [read_cap(r.cap_xml).msg_type for r in (a, b, c, other)] == [
            "Alert",
            "Update",
            "Cancel",
            "Alert",
        ]
        assert [[x.identifier for x in read_cap(r.cap_xml).references] for r in (b, c)] == [
            [a.identifier],
            [b.identifier],
        ]
        words = line_text(c, cancel, places_of(cancel), b, office="ปภ.จ.พัทลุง", phone="074-613-409")
        assert words.startswith("ขอให้หยุดส่ง")
        assert f"แทนคำขอ: 0x4001 (0/1) ({b.identifier})" in words


def test_what_ddpm_declined_was_never_on_a_telephone(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        first = issued(session, town)
        a = asked(session, town, first)
        noted(session, town, a, Step.RUNG)
        noted(session, town, a, Step.DECLINED, note="นอกพื้นที่")
        clock.forward(timedelta(minutes=5))
        again = issued(
            session,
            town,
            "พท-2569-0013",
            kind="update",
            references=[str(first.id)],
            facts={"replaces": first.number},
        )
        b = asked(session, town, again)
        assert (b.replaces, b.update_no, read_cap(b.cap_xml).msg_type) == (None, 1, "Alert")


STOPPED = {
    "replaced": ({"state": AlertState.SUPERSEDED}, None, ["in_force"]),
    "not-issued": ({"state": AlertState.APPROVED}, None, ["in_force"]),
    "ends-before-it-is-on-air": ({"minutes_left": 14}, None, ["in_time"]),
    "too-long": ({"words": "ก" * 616}, None, ["thai"]),
    "no-words": ({"words": ""}, None, ["thai"]),
    "no-map": ({"tambons": ["999999"]}, None, ["area"]),
    "danger-at-the-test-level": ({}, Level.TEST, ["level"]),
    "exercise-at-a-real-level": ({"mode": Mode.EXERCISE}, Level.EXTREME, ["level", "exercise"]),
    "exercise-without-its-words": ({"mode": Mode.EXERCISE}, None, ["exercise"]),
    "test-at-a-real-level": ({"event": "test"}, Level.EXTREME, ["level"]),
    "cancel-of-nothing": ({"kind": "cancel"}, None, ["chain"]),
}


def test_what_stops_a_request(database, clock) -> None:
    """Each by itself on an alert that is otherwise right; one database for all, because that takes a second."""
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town)
        right = {
            name: getattr(alert, name)
            for name in ("state", "expires_at", "words", "tambons", "mode", "event", "kind")
        }
        assert draft_of(session, alert, None, clock.now(), town.office).ready
        for name, (changed, level, why) in STOPPED.items():
            for field, value in right.items():
                setattr(alert, field, value)
            for field, value in changed.items():
                if field == "words":
                    alert.words = {**right["words"], "cb_th": value}
                elif field == "minutes_left":
                    alert.expires_at = clock.now() + timedelta(minutes=value)
                else:
                    setattr(alert, field, value)
            draft = draft_of(session, alert, level, clock.now(), town.office)
            assert [c.name for c in draft.checks if not c.ok and not c.advice] == why, name
            with pytest.raises(NotAllowed):
                prepare(session, alert, level, BY, clock.now(), town.office)
        session.rollback()


def test_an_update_waits_for_an_answer_about_what_it_updates(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        first = issued(session, town)
        request = asked(session, town, first)
        update = issued(
            session,
            town,
            "พท-2569-0013",
            kind="update",
            references=[str(first.id)],
            facts={"replaces": first.number},
        )
        with pytest.raises(NotAllowed, match="has not answered"):
            asked(session, town, update)
        noted(session, town, request, Step.RUNG)
        with pytest.raises(NotAllowed, match="has not answered"):
            asked(session, town, update)
        noted(session, town, request, Step.ACCEPTED)
        assert asked(session, town, update).update_no == 1


def test_a_request_is_made_once_and_reaches_nobody(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town)
        asked(session, town, alert)
        with pytest.raises(NotAllowed, match="prepared already"):
            asked(session, town, alert)
    assert [r for (r,) in town.rows("SELECT count(*) FROM delivery")] == [0]
    assert [r for (r,) in town.rows("SELECT count(*) FROM receipt")] == [0]


def test_an_exercise_says_so_first_and_last_and_uses_the_test_level(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town, "ฝึก-พท-2569-0012", Mode.EXERCISE)
        request = asked(session, town, alert)
        made = read_cap(request.cap_xml)
        assert (request.level, made.status) == ("test", "Exercise")
        words = line_text(request, alert, places_of(alert), None, office="ปภ.จ.พัทลุง", phone="1")
        assert words.startswith(f"{EXERCISE_FRONT.th}\nคำขอนี้เป็นการฝึก")
        assert words.endswith(EXERCISE_FRONT.th)
        assert "4380" in words
        assert "4371" not in words


def test_the_text_for_line_fits_the_whole_province(database, clock) -> None:
    town = night(database, clock)
    with database.session() as session:
        alert = issued(session, town, tambons=CODES)
        request = asked(session, town, alert)
        words = line_text(request, alert, places_of(alert), None, office="ปภ.จ.พัทลุง", phone="074-613-409")
    assert len(words) <= LINE_LETTERS
    assert alert.words["cb_th"] in words
