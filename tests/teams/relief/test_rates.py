"""Rates are dated rows: the day of the damage chooses, and a draft pays nobody."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from geo.errors import NotAllowed
from teams.relief.rates import (
    Item,
    RateConfirmation,
    RateStatus,
    confirmed,
    payable,
    rate_on,
    read_rates,
    shipped_rates,
)

OLD, NEW = date(2026, 3, 5), date(2026, 3, 6)  # 2569: the last day of the 2563 set, the first of the 2569 set


@pytest.mark.parametrize(
    ("scheme", "items", "day", "total"),
    [
        pytest.param(
            "advance",
            [Item(code="HOUSE_REPAIR", cost=Decimal(60000))],
            OLD,
            "49500.00",
            id="up-to-the-ceiling",
        ),
        pytest.param(
            "advance", [Item(code="HOUSE_REPAIR", cost=Decimal("1234.5"))], OLD, "1234.50", id="what-it-cost"
        ),
        pytest.param(
            "farm", [Item(code="RICE", quantity=Decimal("7.25"))], OLD, "9715.00", id="part-of-a-rai"
        ),
        pytest.param(
            "farm",
            [Item(code="RICE", quantity=Decimal(2)), Item(code="FIELD")],
            OLD,
            "4660.00",
            id="two-items",
        ),
    ],
)
def test_what_is_paid(scheme: str, items: list[Item], day: date, total: str) -> None:
    assert sum(line.amount for line in payable(shipped_rates(), scheme, items, day)) == Decimal(total)


@pytest.mark.parametrize(
    ("items", "day", "words"),
    [
        pytest.param([Item(code="RICE", quantity=Decimal(31))], OLD, "limit", id="over-30-rai"),
        pytest.param([Item(code="RICE", quantity=Decimal(-1))], OLD, "limit", id="below-zero"),
        pytest.param([Item(code="RICE"), Item(code="RICE")], OLD, "twice", id="twice"),
        pytest.param([Item(code="RICE")], NEW, "no rate", id="no-rate-read-for-this-day"),
        pytest.param([Item(code="PEARLS")], OLD, "no rate", id="no-such-item"),
    ],
)
def test_what_is_not(items: list[Item], day: date, words: str) -> None:
    with pytest.raises(NotAllowed, match=words):
        payable(shipped_rates(), "farm", items, day)


def test_a_ceiling_needs_the_cost() -> None:
    with pytest.raises(NotAllowed, match="actual cost"):
        payable(shipped_rates(), "advance", [Item(code="HOUSE_REPAIR")], OLD)


def test_a_draft_pays_once_its_document_is_there() -> None:
    items = [Item(code="HOUSE_REPAIR", cost=Decimal(90000))]
    with pytest.raises(NotAllowed, match="draft"):
        payable(shipped_rates(), "advance", items, NEW)
    [line] = payable(shipped_rates(), "advance", items, NEW, drafts_allowed=True)
    assert line.draft
    rate = rate_on(shipped_rates(), "advance", "HOUSE_REPAIR", NEW)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    other = RateConfirmation(version=rate.version, amount="88000", document="ว 17", confirmed_by="u", at=at)
    with pytest.raises(NotAllowed, match="draft"):
        payable(confirmed(shipped_rates(), [other]), "advance", items, NEW)
    right = RateConfirmation(version=rate.version, amount="88600", document="ว 17", confirmed_by="u", at=at)
    [line] = payable(confirmed(shipped_rates(), [right]), "advance", items, NEW)
    assert (line.amount, line.draft, line.version) == (
        Decimal("88600.00"),
        False,
        "advance/HOUSE_REPAIR@2026-03-06",
    )


def test_every_row_has_a_source_and_whole_words() -> None:
    assert len(shipped_rates()) > 10
    for rate in shipped_rates():
        assert rate.th and rate.en and len(rate.source) > 10 and rate.amount > 0
        assert rate.effective_to is None or rate.effective_from <= rate.effective_to
        assert rate.status in RateStatus


def test_two_rows_of_one_day_are_refused() -> None:
    row = {
        "scheme": "s", "code": "c", "th": "ก", "en": "k", "amount": "1", "unit": "person", "at_most": "",
        "effective_from": "2026-01-01", "effective_to": "", "status": "draft", "source": "x",
    }  # fmt: skip
    assert (
        len(read_rates([row | {"effective_to": "2026-02-01"}, row | {"effective_from": "2026-02-02"}])) == 2
    )
    with pytest.raises(ValueError, match="two rows"):
        read_rates([row, row | {"effective_from": "2026-02-02"}])
