"""Whatever a feed may tell, a rule can be said in words."""

import pytest

from sources.contract import Quantity
from warning.subject import Subject, subject_words


@pytest.mark.parametrize("quantity", Quantity)
def test_every_quantity_of_the_feeds_has_words(quantity: Quantity) -> None:
    thai, english, thai_unit, unit = subject_words(Subject("quantity", quantity.value))
    assert thai and english and thai_unit and unit
