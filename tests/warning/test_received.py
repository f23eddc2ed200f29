"""CAP messages of others: kept byte for byte, judged, their lives lived; readiness is raised, and nothing sounds by itself."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from geo.gazetteer import gazetteer
from sources.cap_feed import CapFeed
from sources.contract import Payload
from tests.shared_data import shared_data
from tests.sources.cap_bodies import cap_atom, cap_message
from tests.warning.town import TAMBON, Town, channel, delivers
from warning.clock import HandClock
from warning.pipeline import _take_in
from warning.received import ReceivedMessage, held
from warning.store.database import Database
from warning.voices import readiness, spoken

PROVINCE = (
    "<areaDesc>จังหวัดพัทลุง</areaDesc><geocode><valueName>ISO3166-2</valueName><value>TH-93</value></geocode>"
)
HERE = f"<areaDesc>x</areaDesc><geocode><valueName>TIS1099</valueName><value>{TAMBON}</value></geocode>"


@pytest.fixture
def town(database: Database, clock: HandClock) -> Town:
    made = Town(database, clock, [channel(delivers)])
    config: Any = made.office.config
    config.sources = [feed("tmd-cap", who="tmd"), feed("ddpm-cap", who="ddpm")]
    return made


def feed(name: str, **fields: Any) -> CapFeed:
    told: dict[str, Any] = {
        "kind": "cap_feed",
        "name": name,
        "every": timedelta(minutes=5),
        "url": "http://127.0.0.1/feed",
    }
    return CapFeed(**told | fields)


def at(town: Town, minutes: float = 0) -> str:
    """A time of CAP, from now on."""
    return (town.clock.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def message(town: Town, **changes: str) -> str:
    plain = {"sent": at(town, -5), "expires": at(town, 600), "area": HERE, "category": "Met"} | changes
    return cap_message(**plain)


def comes(town: Town, *messages: str, source: str = "tmd-cap") -> None:
    _take_in(town.office, source, Payload(cap_atom(*messages), town.clock.now()), 0)


def kept(town: Town) -> list[tuple[str, str]]:
    return [
        (r.source, r.became)
        for r in town.rows("SELECT source, became FROM received_message ORDER BY received_at")
    ]


def in_force(town: Town) -> list[str]:
    rows = town.rows("SELECT key FROM bulletin WHERE effective_to > :now ORDER BY key", now=town.clock.now())
    return [row.key.split(",")[1] for row in rows]


def test_every_byte_is_kept_with_the_verdict_and_its_reasons(town: Town) -> None:
    good, broken = message(town), message(town, identifier="has space", status="Exercise")
    comes(town, good, broken)
    with town.database.session() as session:
        first, second = session.exec(select(ReceivedMessage).order_by(col(ReceivedMessage.received_at))).all()
        assert (first.xml, second.xml) == (good.encode(), broken.encode())
        assert (first.verdict, first.became, first.via, first.status) == (
            "valid",
            "accepted",
            "in the feed",
            "Actual",
        )
        assert second.verdict == "invalid-semantic" and second.became == "quarantined"
        assert all(reason["code"] and reason["th"] and reason["en"] for reason in second.reasons)
    comes(town, good, broken)
    assert len(kept(town)) == 2  # seen again is not news


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the end first"])
@pytest.mark.parametrize("together", [True, False])
def test_a_cancel_ends_the_bulletin_whatever_arrives_first(
    town: Town, order: tuple[int, int], together: bool
) -> None:
    alert = message(town)
    said = f"cap@agency.example,DEMO-1,{at(town, -5)}"
    cancel = message(town, identifier="DEMO-2", msgType="Cancel", references=said, sent=at(town, -1))
    both = [(alert, cancel)[n] for n in order]
    for part in [both] if together else [[one] for one in both]:
        comes(town, *part)
    assert in_force(town) == [] and len(kept(town)) == 2


def test_an_update_takes_the_place_of_what_it_names_and_a_stranger_ends_nothing(town: Town) -> None:
    comes(town, message(town))
    said = f"cap@agency.example,DEMO-1,{at(town, -5)}"
    comes(
        town,
        message(
            town,
            identifier="S-1",
            sender="stranger.example",
            msgType="Cancel",
            references=said,
            sent=at(town, -2),
        ),
    )
    assert in_force(town) == ["DEMO-1"] and kept(town)[-1][1] == "quarantined"
    comes(town, message(town, identifier="DEMO-2", msgType="Update", references=said, sent=at(town, -1)))
    assert in_force(town) == ["DEMO-2"]


def test_the_same_message_by_two_ways_is_one_bulletin_and_other_words_under_its_name_are_a_conflict(
    town: Town,
) -> None:
    comes(town, message(town))
    comes(town, message(town).replace("><", ">\n<"), source="ddpm-cap")
    comes(town, message(town, headline="อย่างอื่น"), source="ddpm-cap")
    assert [became for _, became in kept(town)] == ["accepted", "duplicate", "conflict"]
    assert in_force(town) == ["DEMO-1"] and len(town.rows("SELECT 1 FROM bulletin")) == 1


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_what_is_not_actual_is_kept_and_says_nothing_nor_ends_anything(town: Town, status: str) -> None:
    comes(town, message(town))
    said = f"cap@agency.example,DEMO-1,{at(town, -5)}"
    comes(
        town,
        message(town, identifier="X-1", status=status),
        message(town, identifier="X-2", status=status, msgType="Cancel", references=said),
    )
    assert in_force(town) == ["DEMO-1"] and len(kept(town)) == 3


def test_an_actual_message_that_says_it_is_a_drill_waits_for_a_person(town: Town) -> None:
    comes(town, message(town, headline="ฝึกซ้อม น้ำป่าไหลหลาก"))
    assert in_force(town) == [] and kept(town) == [("tmd-cap", "quarantined")]
    with town.database.session() as session:
        (waits,) = held(session, town.clock.now())
        assert "hold.exercise_words" in [reason["code"] for reason in waits.reasons]
        assert held(session, town.clock.now() + timedelta(days=2)) == []


@pytest.mark.parametrize(
    ("file", "policy", "speaks"),
    [
        ("sig-x-tampered-headline.xml", "if_present", False),
        ("sig-x-tampered-headline.xml", "ignored", True),
        ("sig-v-rsa-sha256-c14n11.xml", "if_present", True),
        ("sig-x-unknown-key.xml", "if_present", False),
        ("sig-v-rsa-sha256-c14n11.xml", "required", True),
        ("syn-v-base.xml", "required", False),
        ("syn-v-base.xml", "if_present", True),
    ],
)
def test_the_sender_is_pinned_here_and_never_taken_from_the_message(
    town: Town, file: str, policy: str, speaks: bool
) -> None:
    config: Any = town.office.config
    trusted = (shared_data("cap/keys/sender.pem").read_text(),)
    config.sources = [feed("tmd-cap", signature=policy, trusted=trusted)]
    _take_in(
        town.office,
        "tmd-cap",
        Payload(shared_data(f"cap/messages/{file}").read_bytes(), town.clock.now() + timedelta(days=400)),
        0,
    )
    (row,) = kept(town)
    assert row[1].startswith("accepted") == speaks


@pytest.mark.parametrize("area", [PROVINCE, HERE], ids=["the whole province", "one tambon"])
def test_a_bulletin_raises_readiness_and_sounds_no_siren_by_itself(town: Town, area: str) -> None:
    """Extreme, Immediate, for everybody: still nothing is drafted, addressed or sent. A person, or a rule on readings, does that."""
    town.people(["+66811111111"], head="+66822222222")
    comes(town, message(town, severity="Extreme", urgency="Immediate", area=area))
    now = town.clock.now()
    with town.database.session() as session:
        voices = spoken(session, town.office.mode, now, town.office.config.sources, town.office.areas)
    ready = readiness(voices)
    assert ready is not None and (ready.who, ready.level, ready.whole) == ("tmd", "5", area == PROVINCE)
    assert len(ready.tambons) == (len(gazetteer().tambons) if area == PROVINCE else 1)
    for table in ("alert", "hazard_assessment", "delivery", "segment", "mission"):
        assert town.rows(f"SELECT count(*) AS n FROM {table}")[0].n == 0, table
    assert town.rows("SELECT count(*) AS n FROM procrastinate_jobs WHERE status = 'todo'")[0].n == 0


def test_a_polygon_says_which_tambon(town: Town) -> None:
    here = gazetteer().tambon(TAMBON)
    box = [
        (here.lat - 0.01, here.lon - 0.01),
        (here.lat - 0.01, here.lon + 0.01),
        (here.lat + 0.01, here.lon),
        (here.lat - 0.01, here.lon - 0.01),
    ]
    drawn = " ".join(f"{lat:.4f},{lon:.4f}" for lat, lon in box)
    comes(town, message(town, area=f"<areaDesc>x</areaDesc><polygon>{drawn}</polygon>"))
    with town.database.session() as session:
        (voice,) = spoken(
            session, town.office.mode, town.clock.now(), town.office.config.sources, town.office.areas
        )
    assert TAMBON in voice.tambons and len(voice.tambons) < 8 and not voice.whole


def test_a_log_in_page_is_a_fault_and_ends_nothing(town: Town) -> None:
    comes(town, message(town))
    _take_in(town.office, "tmd-cap", Payload(b"<!DOCTYPE html><html>log in</html>", town.clock.now()), 0)
    assert in_force(town) == ["DEMO-1"]
    (state,) = town.rows("SELECT fault FROM source_state WHERE source = 'tmd-cap'")
    assert "web page" in state.fault
