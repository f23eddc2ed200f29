"""The bench of CAP checks: right verdicts or no figure."""

import pytest

from bench import cap
from warning.cap.verdict import Judgement


def test_a_figure_where_every_verdict_is_right() -> None:
    rows = cap.measure(quick=True, tell=print)
    assert [r["phase"] for r in rows] == ["cap", "cap_google_style"]
    assert all(r["oracle"] == "right" and r["figure"] > 0 for r in rows)


def test_no_figure_for_a_wrong_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap, "judge", lambda *_: Judgement("valid", (), "unsigned"))
    rows = cap.measure(quick=True, tell=print)
    assert all(r["figure"] is None and r["oracle"].startswith("wrong") for r in rows)
