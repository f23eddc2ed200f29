"""The life of messages: what the shared chains say, and chains of our own for every way a life can go."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import ROOT, shared_data
from warning.cap.lifecycle import Book, State
from warning.command import main
from warning.command.cap_chain import play

CHAINS = sorted((ROOT / "cap" / "chains").glob("*")) if (ROOT / "cap" / "chains").exists() else []
T0 = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NOW = T0 + timedelta(hours=5)


@pytest.mark.parametrize("folder", [pytest.param(f, id=f.name) for f in CHAINS])
def test_the_shared_chains(folder: Path) -> None:
    expected = json.loads(
        (shared_data(f"cap/chains/{folder.name}") / "expected.json").read_text(encoding="utf-8")
    )
    played = play(folder)
    for made, told in zip(played["arrivals"], expected["arrivals"], strict=True):
        assert made["expect"] == told["expect"].split("-exercise;")[0], made
    for made, told in zip(played["states"], expected["states"], strict=True):
        assert {name: made[name] for name in told} == told


def cap(
    identifier: str, hours: float = 0, kind: str = "Alert", *, of: Sequence[str] = (), sender: str = "a@x.org", status: str = "Actual",
    tambon: str = "930109", severity: str = "Severe", response: str = "Prepare", urgency: str = "Expected", lasts: float | None = 12,
    incident: str = "", event: str = "OET-081", text: str = "น้ำท่วม", square: str = "",
) -> bytes:  # fmt: skip
    """A message. hours: when it was sent after T0; of: `identifier` or `sender,identifier,hours` of what it names."""

    def at(after: float) -> str:
        return (T0 + timedelta(hours=after)).strftime("%Y-%m-%dT%H:%M:%S-00:00")

    named = []
    for one in of:
        parts = one.split(",")
        who, which, when = parts if len(parts) == 3 else (sender, one, None)
        named.append(f"{who},{which},{at(float(when)) if when else at(SENT.get(which, 0))}")
    SENT[identifier] = hours
    expires = f"<expires>{at(hours + lasts)}</expires>" if lasts is not None else ""
    note = "<note>ฝึกซ้อม</note>" if status == "Exercise" else ""
    refs = f"<references>{' '.join(named)}</references>" if named else ""
    about = f"<incidents>{incident}</incidents>" if incident else ""
    place = (
        f"<polygon>{square}</polygon>"
        if square
        else f"<geocode><valueName>TIS1099</valueName><value>{tambon}</value></geocode>"
    )
    words = f"ฝึกซ้อม {text}" if status == "Exercise" else text
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}'
        f"</identifier><sender>{sender}</sender><sent>{at(hours)}</sent><status>{status}</status><msgType>{kind}</msgType>"
        f"<scope>Public</scope>{note}{refs}{about}<info><language>th-TH</language><category>Met</category><event>{words}</event>"
        f"<responseType>{response}</responseType><urgency>{urgency}</urgency><severity>{severity}</severity>"
        f"<certainty>Likely</certainty><eventCode><valueName>OET:v1.2</valueName><value>{event}</value></eventCode>{expires}"
        f"<headline>{words}</headline><area><areaDesc>ที่นี่</areaDesc>{place}</area></info></alert>"
    ).encode()


SENT: dict[str, float] = {}
SQUARE = "7.6,100.1 7.6,100.2 7.7,100.2 7.7,100.1 7.6,100.1"
BESIDE = "7.6,100.3 7.6,100.4 7.7,100.4 7.7,100.3 7.6,100.3"


def played(*messages: bytes, every: timedelta = timedelta(minutes=1)) -> tuple[list[str], State]:
    book = Book()
    for nth, xml in enumerate(messages):
        book.arrive(xml, NOW + nth * every)
    return [a.expect for a in book.arrivals], book.at(NOW + timedelta(hours=1))


def ids(named: Sequence[str]) -> list[str]:
    return [triplet.split(",")[1] for triplet in named]


A, OK = "a@x.org", "accepted"
LIVES: dict[str, tuple[list[bytes], list[str], dict[str, Any]]] = {
    "a cancel that overtakes its alert": (
        [cap("C", 2, "Cancel", of=["A,0"[:1]]), cap("A", 0)],
        ["accepted-dangling-reference", "accepted-already-cancelled"], {"active": [], "events": 1, "ended_by": "C"},
    ),
    "two updates of one alert are both in force": (
        [cap("A"), cap("U1", 1, "Update", of=["A"]), cap("U2", 2, "Update", of=["A"])], [OK] * 3,
        {"active": ["U1", "U2"], "events": 1},
    ),
    "nobody cancels another's alert": (
        [cap("A"), cap("C", 1, "Cancel", of=[f"{A},A,0"], sender="b@y.org")], [OK, "quarantined"], {"active": ["A"], "events": 1},
    ),
    "the same number with other words": (
        [cap("A"), cap("A", text="อย่างอื่น")], [OK, "conflict"], {"active": ["A"], "events": 1},
    ),
    "said again under a new number": (
        [cap("A"), cap("B", 1)], [OK, "accepted-probable-reissue"], {"active": ["A", "B"], "events": 1},
    ),
    "the same hazard elsewhere": ([cap("A"), cap("B", 1, tambon="930605")], [OK, OK], {"active": ["A", "B"], "events": 2}),
    "another hazard in the same place": ([cap("A"), cap("B", 1, event="OET-119")], [OK, OK], {"events": 2}),
    "another sender in the same place": ([cap("A"), cap("B", 1, sender="b@y.org")], [OK, OK], {"events": 2}),
    "one incident in two places": (
        [cap("A", incident="EV"), cap("B", 1, tambon="930605", incident="EV")], [OK, OK], {"active": ["A", "B"], "events": 1},
    ),
    "shapes that lie over each other": (
        [cap("A", square=SQUARE), cap("B", 1, square=SQUARE)], [OK, "accepted-probable-reissue"], {"events": 1},
    ),
    "shapes beside each other": ([cap("A", square=SQUARE), cap("B", 1, square=BESIDE)], [OK, OK], {"events": 2}),
    "after the old one ran out it is a new event": ([cap("A", lasts=1), cap("B", 3)], [OK, OK], {"active": ["B"], "events": 2}),
    "what expired is over, and nobody ended it": ([cap("A", lasts=1)], [OK], {"active": [], "ended_by": None, "severity": None}),
    "without an end it stands for a day": ([cap("A", lasts=None)], [OK], {"active": ["A"]}),
    "an all-clear that is valid for years": (
        [cap("A"), cap("U", 1, "Update", of=["A"], response="AllClear", urgency="Past", lasts=9000)], [OK, OK],
        {"active": [], "ended_by": "U", "tambons": []},
    ),
    "what breaks the form stays out": (
        [cap("A"), cap("U", 1, "Update", of=["A"]).replace(b"<scope>Public</scope>", b"")], [OK, "quarantined"], {"active": ["A"]},
    ),
    "an Actual message that says it is an exercise": ([cap("A", text="ฝึกซ้อม")], ["quarantined"], {"active": [], "events": 0}),
    "a year of the Buddhist era": ([cap("A", 24 * 365 * 543)], ["quarantined"], {"active": [], "events": 0}),
    "a test is neither real nor a drill": ([cap("A", status="Test")], [OK], {"active": [], "exercise_active": [], "events": 0}),
    "a drill ends no real alert": (
        [cap("A"), cap("C", 1, "Cancel", of=["A"], status="Exercise")], [OK, OK], {"active": ["A"], "events": 1},
    ),
    "a real cancel ends no drill": (
        [cap("X", status="Exercise"), cap("C", 1, "Cancel", of=["X"])], [OK, OK], {"exercise_active": ["X"]},
    ),
    "a message that names itself": ([cap("A", 0, "Update", of=["A"])], [OK], {"active": ["A"], "dangling": []}),
    "the highest severity in force": (
        [cap("A", severity="Minor"), cap("B", 1, tambon="930605", severity="Extreme")], [OK, OK],
        {"severity": "Extreme", "tambons": ["930109", "930605"]},
    ),
    "24:00 is the next midnight": (
        [cap("A"), cap("A").replace(b"T06:00:00-00:00</sent>", b"T13:00:00+07:00</sent>")], [OK, "conflict"], {"events": 1},
    ),
    "an entity bomb": ([b'<!DOCTYPE a [<!ENTITY b "c">]><alert/>'], ["quarantined"], {"events": 0}),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "expect", "state"), LIVES.values(), ids=LIVES)
def test_how_a_life_can_go(messages: list[bytes], expect: list[str], state: dict[str, Any]) -> None:
    became, stands = played(*messages)
    assert became == expect
    for name, value in state.items():
        found = getattr(stands, name)
        if name in ("active", "exercise_active", "dangling"):
            found = ids(found)
        elif name == "ended_by" and found:
            found = ids([found])[0]
        assert found == value, name


WHOLE = [
    cap("A", 0),
    cap("U", 1, "Update", of=["A"], tambon="930101"),
    cap("V", 2, "Update", of=["A", "U"]),
    cap("C", 3, "Cancel", of=["V"]),
]


@pytest.mark.parametrize("last", [3, 4])
def test_the_order_of_arrival_changes_nothing_in_the_end(last: int) -> None:
    ends = {repr(played(*order)[1]) for order in permutations(WHOLE[:last])}
    assert len(ends) == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(range(len(WHOLE))), min_size=1, max_size=12))
def test_what_comes_twice_is_told_once(order: list[int]) -> None:
    once = list(dict.fromkeys(order))
    assert played(*[WHOLE[n] for n in order])[1] == played(*[WHOLE[n] for n in once])[1]
    assert played(*[WHOLE[n] for n in order])[0].count("duplicate") == len(order) - len(once)


def test_the_command_answers_in_json_and_says_what_a_folder_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.xml").write_bytes(cap("A"))
    (tmp_path / "expected.json").write_text(
        json.dumps(
            {
                "arrivals": [{"file": "a.xml", "received": NOW.isoformat(), "via": "x"}],
                "states": [{"at": NOW.isoformat()}],
            }
        )
    )
    assert main(["cap", "chain", str(tmp_path), "--json"]) == 0
    (said,) = capsys.readouterr().out.splitlines()
    assert json.loads(said)["states"][0]["events"] == 1
    assert main(["cap", "chain", str(tmp_path)]) == 0 and "accepted" in capsys.readouterr().out
    assert main(["cap", "chain", str(tmp_path / "none")]) == 2
    assert "expected.json" in capsys.readouterr().err
