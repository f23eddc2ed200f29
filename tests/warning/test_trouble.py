"""Scripts of troubled nights: read with their mistakes named; and one short night, with its oracle shown to be able to fail."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from geo.errors import ConfigError
from warning.trouble import script as words
from warning.trouble.night import play
from warning.trouble.script import read_script
from warning.trouble.verdict import _channel

ALL = """
homes: 10
faults:
  - {at: 1, gateway: sms, do: down, lasts: 30}
  - {at: 2, line_quota: 500}
  - {reports: rough, lost: 0.1, doubled: 0.3}
  - {at: 1, dead_towers: 0.2}
  - {at: 2, kill: one, times: 5}
  - {at: 10, database: restart, away: 3}
  - {at: 5, clock_jump_s: 3600}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "night.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_kind_of_fault_is_read(tmp_path: Path) -> None:
    read = read_script(written(tmp_path, ALL))
    kinds = [
        words.AtGateway,
        words.Quota,
        words.Reports,
        words.DeadTowers,
        words.Workers,
        words.DatabaseRestart,
        words.ClockJump,
    ]
    assert [type(fault) for fault in read.faults] == kinds and read.homes == 10


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "faults: [{at: 1, gateway: fax, do: down}]", r"faults\[0\].gateway", id="no-such-gateway"
        ),
        pytest.param("faults: [{at: 1, gateway: sms, do: burn}]", r"faults\[0\].do", id="no-such-fault"),
        pytest.param("faults: [{at: 1}]", r"faults\[0\]: write exactly one of", id="says-nothing"),
        pytest.param("faults: [{kill: one, dead_towers: 0.1}]", "exactly one of", id="two-at-once"),
        pytest.param("faults: [boom]", r"faults\[0\]: needs keys", id="a-word"),
        pytest.param("faults: {}", "needs a list", id="no-list"),
        pytest.param("homes: 0", "homes", id="nobody"),
        pytest.param("homse: 5", "homse", id="misspelt"),
        pytest.param("{", "no YAML", id="no-yaml"),
        pytest.param("[1]", "keys are needed", id="a-list"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        read_script(written(tmp_path, text))


class _Row:
    def __init__(self, address: str, state: str, segment: str = "SENT") -> None:
        self.sealed, self.state, self.segment = address, state, segment


def judged(rows: list[_Row], arrived: list[str], *, registered: int, twice: int = 0) -> list[str]:
    """What the oracle says of one channel."""

    class Book:
        turned_away: Counter[tuple[str, str]] = Counter()

        def addresses(self, _: str) -> set[str]:
            return set(arrived)

        def repeats(self, _: str) -> list[Any]:
            return [type("R", (), {"times": 2})()] * twice

    world: Any = type(
        "W", (), {"book": Book(), "sms": type("S", (), {"dead": {"off"}, "expiring": set()})()}
    )()
    office: Any = type("O", (), {"keyring": type("K", (), {"open": staticmethod(str)})()})()
    wrong: list[str] = _channel(office, world, "sms", rows, registered, 0)["wrong"]
    return wrong


@pytest.mark.parametrize(
    ("rows", "arrived", "registered", "twice", "told"),
    [
        pytest.param([_Row("a", "accepted")], ["a"], 1, 0, "", id="right"),
        pytest.param([_Row("a", "unknown")], ["a"], 1, 0, "", id="honest-not-knowing"),
        pytest.param([_Row("a", "unknown")], [], 1, 0, "", id="honest-not-knowing-the-other-way"),
        pytest.param([_Row("a", "planned", "SENDING")], ["a"], 1, 0, "", id="a-worker-holds-it"),
        pytest.param([_Row("off", "accepted")], [], 1, 0, "", id="a-phone-that-is-off"),
        pytest.param([_Row("a", "accepted")], ["a"], 2, 0, "have no row", id="lost"),
        pytest.param(
            [_Row("a", "accepted"), _Row("a", "accepted")],
            ["a"],
            1,
            0,
            "more rows than one",
            id="twice-in-the-ledger",
        ),
        pytest.param([_Row("a", "accepted")], [], 1, 0, "nothing arrived", id="said-to-be-sent"),
        pytest.param([_Row("off", "delivered")], [], 1, 0, "said to be reached", id="said-to-be-reached"),
        pytest.param([_Row("a", "failed")], ["a"], 1, 0, "says they did not", id="arrived-unknown-to-us"),
        pytest.param([_Row("a", "accepted")], ["a"], 1, 1, "twice", id="told-twice"),
    ],
)
def test_the_oracle_can_fail(
    rows: list[_Row], arrived: list[str], registered: int, twice: int, told: str
) -> None:
    wrong = judged(rows, arrived, registered=registered, twice=twice)
    assert wrong == [] if not told else any(told in why for why in wrong)


@pytest.mark.service
def test_a_short_night_of_trouble(tmp_path: Path) -> None:
    """A gateway that fails after taking, a line that is cut, reports that come early, twice and late, and a worker killed."""
    told = play(
        read_script(
            written(
                tmp_path,
                "{homes: 30, answers: false, most_s: 120, faults: [{gateway: line, do: error_after_taking, calls: 3}, "
                "{gateway: sms, do: cut, calls: 3}, {reports: rough, doubled: 0.2, late: 0.2, early: 0.1, late_s: 0.5}, "
                "{at: 1, kill: one}]}",
            )
        ),
        tmp_path / "night",
        lambda _: None,
    )
    assert told["why"] == [] and told["right"] and told["workers_killed"] == 1
    assert told["channels"]["sms"]["arrived"] > 1000  # the contacts of 670 villages
