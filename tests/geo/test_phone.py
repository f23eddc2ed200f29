"""Telephone numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.phone import e164, is_mobile, masked, shown


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("0812345678", "+66812345678", id="plain"),
        pytest.param("081-234 5678", "+66812345678", id="dash-and-space"),
        pytest.param("๐๘๑๒๓๔๕๖๗๘", "+66812345678", id="thai-digits"),
        pytest.param("+66 (0)81 234 5678", "+66812345678", id="plus-with-zero"),
        pytest.param("66812345678", "+66812345678", id="no-plus"),
        pytest.param("0066812345678", "+66812345678", id="double-zero"),
        pytest.param("812345678", "+66812345678", id="zero-eaten-by-a-spreadsheet"),
        pytest.param("661234567", "+66661234567", id="mobile-06-without-zero-is-no-country-code"),
        pytest.param("074-612345", "+6674612345", id="fixed-line-phatthalung"),
        pytest.param("02 123 4567", "+6621234567", id="fixed-line-bangkok"),
        pytest.param("081\u2013234\u20135678\u200b", "+66812345678", id="long-dashes-and-hidden-space"),
    ],
)
def test_reads(written: str, expected: str) -> None:
    assert e164(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="empty"),
        pytest.param("ไม่มี", id="words"),
        pytest.param("1669", id="short-number"),
        pytest.param("08123456789", id="a-digit-too-many"),
        pytest.param("081234567", id="a-digit-too-few"),
        pytest.param("0812345678, 0898765432", id="two-numbers"),
        pytest.param("0812345678/9", id="a-range"),
        pytest.param("074612345 ต่อ 12", id="extension"),
        pytest.param("+60123456789", id="malaysia"),
        pytest.param("0112345678", id="no-such-prefix"),
    ],
)
def test_refuses_without_repeating_the_number(written: str) -> None:
    with pytest.raises(ValueError, match="เบอร์โทรศัพท์") as raised:
        e164(written)
    assert not any(part in str(raised.value) for part in written.split() if len(part) > 5)


@given(st.from_regex(r"0[689][0-9]{8}", fullmatch=True))
def test_law_one_form(number: str) -> None:
    form = e164(number)
    assert is_mobile(form)
    assert e164(form) == e164(shown(form)) == form
    assert number[1:7] not in masked(form)


def test_fixed_line_takes_no_sms() -> None:
    assert not is_mobile(e164("074612345"))
