"""SMPP in bytes: held to the specification's own words, and to two other people's encoders."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import smpplib.client
import smpplib.consts
import smpplib.smpp
from hypothesis import given
from hypothesis import strategies as st

from channels import smpp_pdu as smpp
from channels.contract import ReceiptState
from channels.smpp_ids import SmppIds, Spelling
from tests.channels.test_sms_text import MARKS

S = ReceiptState
WORDS = "น้ำท่วมฉับพลัน บ้านคลองนา ภายใน 2 ชม. ไปโรงเรียนวัดดอนเดี๋ยวนี้"
NAME = (5, 0, "PHATTHALUNG")


def bodies(text: str, **changed: Any) -> list[bytes]:
    settings: dict[str, Any] = {"source": NAME, "valid_for": timedelta(minutes=10), "reference": 7}
    return smpp.submits(text, "+66812345671", **(settings | changed))


def read(body: bytes) -> smpp.Delivered:
    """A submit_sm is laid out as a deliver_sm is."""
    return smpp.delivered(body)


@pytest.mark.parametrize("text", ["น้ำ", WORDS, WORDS * 3, "Flood 😀 " * 20, ""], ids=len)
def test_the_same_bytes_as_smpplib(text: str) -> None:
    """Part by part the very PDU another library makes of it."""
    client = smpplib.client.Client("127.0.0.1", 1, allow_unknown_opt_params=True)
    for nth, body in enumerate(bodies(text), 1):
        told = read(body)
        theirs = smpplib.smpp.make_pdu(
            "submit_sm", client=client, source_addr_ton=5, source_addr_npi=0, source_addr="PHATTHALUNG",
            dest_addr_ton=1, dest_addr_npi=1, destination_addr="66812345671", validity_period="000000001000000R",
            esm_class=told.esm_class, registered_delivery=1, data_coding=smpplib.consts.SMPP_ENCODING_ISO10646,
            short_message=body[body.index(b"00R\0") + 9 :],
        )  # fmt: skip
        theirs.sequence = nth
        assert smpp.pdu(smpp.Command.SUBMIT, 0, nth, body) == theirs.generate()


thai = st.text(st.sampled_from("กขคงนมยรลวสหอเแโใไะาๆ ๑1a\n😀" + MARKS), max_size=400)


@given(thai)
def test_law_parts_joined_are_the_text(text: str) -> None:
    made = [read(body) for body in bodies(text, reference=255)]
    assert b"".join(m.text for m in made).decode("utf-16-be") == text
    for nth, part in enumerate(made, 1):
        assert len(part.text) <= (140 if len(made) == 1 else 134)
        assert part.part == (None if len(made) == 1 else (255, len(made), nth))
        part.text.decode("utf-16-be")  # no surrogate pair is cut


@given(st.lists(st.sampled_from(["น้ำ", "ที่", "ก็", "เมื่อ", "ศูนย์", "พัทลุง ", "😀", "ไป", "é"]), max_size=120))
def test_law_no_part_begins_with_a_mark(words: list[str]) -> None:
    for body in bodies("".join(words)):
        assert smpp.words(read(body))[:1] not in [*MARKS, "\u0301"]


@pytest.mark.parametrize(
    ("left", "told"),
    [
        pytest.param(
            timedelta(minutes=10), b"000000001000000R", id="ten-minutes-as-the-specification-has-it"
        ),
        pytest.param(timedelta(days=1, hours=2, minutes=3, seconds=4), b"000001020304000R", id="each-field"),
        pytest.param(timedelta(0), b"000000000001000R", id="never-for-ever"),
        pytest.param(timedelta(days=900), b"000099000000000R", id="the-longest"),
    ],
)
def test_validity(left: timedelta, told: bytes) -> None:
    assert smpp.validity(left) == told


def deliver(text: bytes, esm: int = 4, coding: int = 0, tlvs: bytes = b"") -> bytes:
    return (
        b"\0\1\x0166812345671\0\5\0PHT\0" + bytes((esm, 0, 0, 0, 0, 0, 0, coding, 0, len(text))) + text + tlvs
    )


GOOD = b"id:00aF sub:001 dlvrd:001 submit date:2611221730 done date:2611221730 stat:DELIVRD err:000 text:"


@pytest.mark.parametrize(
    ("text", "tlvs", "name", "state"),
    [
        pytest.param(GOOD, b"", "00aF", S.DELIVERED, id="text-alone"),
        pytest.param(b"", b"\0\x1e\0\x03c1\0\x04\x27\0\x01\x05", "c1", S.FAILED, id="fields-alone"),
        pytest.param(
            GOOD, b"\0\x1e\0\x03c1\0\x04\x27\0\x01\x03", "c1", S.EXPIRED, id="fields-before-the-text"
        ),
        pytest.param(GOOD.replace(b"DELIVRD", b"ENROUTE"), b"", "00aF", S.ACCEPTED, id="on-its-way"),
        pytest.param(GOOD.replace(b"DELIVRD", b"QUANTUM"), b"", "00aF", S.ACCEPTED, id="unheard-of"),
        pytest.param(GOOD.lower(), b"", "00af", S.DELIVERED, id="small-letters"),
    ],
)
def test_reports(text: bytes, tlvs: bytes, name: str, state: ReceiptState) -> None:
    report = smpp.report(smpp.delivered(deliver(text, tlvs=tlvs)))
    assert report is not None and (report.message_id, report.state) == (name, state)


def test_an_sms_of_a_phone_is_no_report() -> None:
    told = smpp.delivered(deliver("ปลอดภัย".encode("utf-16-be"), esm=0, coding=8))
    assert smpp.report(told) is None
    assert (told.source, smpp.words(told)) == ("66812345671", "ปลอดภัย")


@given(st.binary(max_size=80))
def test_law_nonsense_is_a_value_error(body: bytes) -> None:
    with suppress(ValueError):
        smpp.report(smpp.delivered(body))


@given(st.lists(st.binary(max_size=30), max_size=6), st.integers(1, 40))
def test_law_cutting_does_not_depend_on_how_bytes_come(all_bodies: list[bytes], step: int) -> None:
    sent = [smpp.Pdu(4, 0, n + 1, body) for n, body in enumerate(all_bodies)]
    stream = b"".join(smpp.pdu(*p) for p in sent)
    buffer, got = bytearray(), []
    for at in range(0, len(stream), step):
        buffer += stream[at : at + step]
        got += list(smpp.cut(buffer))
    assert got == sent


@pytest.mark.parametrize("length", [0, 15, 2**31])
def test_a_length_that_cannot_be_ends_the_stream(length: int) -> None:
    with pytest.raises(ValueError, match="PDU of"):
        list(smpp.cut(bytearray(length.to_bytes(4, "big") + bytes(20))))


@pytest.mark.parametrize(
    ("answered", "reported", "spelling"),
    [
        pytest.param("0000002A", "0000002a", "same", id="hex-both"),
        pytest.param("2A", "42", "hex_dec", id="hex-then-decimal"),
        pytest.param("42", "2a", "dec_hex", id="decimal-then-hex"),
        pytest.param("b7-x", "B7-X", "same", id="no-number-at-all"),
    ],
)
def test_two_spellings_of_one_id(answered: str, reported: str, spelling: Spelling) -> None:
    for early in (False, True):
        ids = SmppIds()
        if early:
            ids.reported(reported, "66812345671")
        name = ids.answered(answered, "66812345671")
        assert ids.reported(reported, "66812345671") == name
        assert ids.spelling == spelling
        assert SmppIds(spelling).reported(reported, "any") == name


def test_a_number_that_is_another_message_s_id_misleads_nobody() -> None:
    """Hex 10 is decimal 16; a report of 16 about the first phone is not one of hex 16, which went to the second."""
    ids = SmppIds()
    first, second = ids.answered("10", "66811111111"), ids.answered("16", "66822222222")
    assert ids.reported("16", "66811111111") == first != second
    assert ids.reported("22", "66822222222") == second
