"""E-mail against a real SMTP server: one honest word a recipient, whatever the server does in the middle."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from channels.contract import ChannelBroken, ReceiptState, TryLater
from channels.email import Email
from tests.channels.cases import NOW, SECRET, batch

PEOPLE = ["hospital@example.org", "school@example.org", "prison@example.org"]
ACCEPTED, REFUSED, TRY_LATER, UNKNOWN = (
    ReceiptState.ACCEPTED,
    ReceiptState.REFUSED,
    ReceiptState.TRY_LATER,
    ReceiptState.UNKNOWN,
)


class Box:
    """A mail server's ears: keeps what came, and answers what the test wants to whom."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, email.message.EmailMessage]] = []
        self.rcpt: dict[str, str] = {}
        self.data: dict[int, str] = {}
        self.hang_up_at: int | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hang_up_at == len(self.mails):
            server.transport.abort()
            return "451 gone"
        if len(self.mails) in self.data:
            return self.data[len(self.mails)]
        read = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos[0], read))
        return "250 taken"


@pytest.fixture
async def box() -> AsyncIterator[tuple[Box, Callable[..., Email]]]:
    made = Box()

    def known(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == SECRET.encode()
        return AuthResult(success=right, handled=False)

    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(made, authenticator=known, auth_require_tls=False, hostname="mail.test"), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]

    def account(**changed: Any) -> Email:
        plain = {"username": "raksa", "password": SECRET, "security": "none"} | changed
        return Email(kind="email", name="mail", host="127.0.0.1", port=port, sender="raksa@phatthalung.example",
                     sender_name="ปภ.พัทลุง", timeout_s=3, **plain)  # fmt: skip

    yield made, account
    server.close()


DATA = {"title": "ระดับ 4: น้ำล้นตลิ่ง", "body": "ขึ้นที่สูง\nโทร 1784", "link": "https://raksa.example/a/1"}


async def test_each_gets_a_mail_of_their_own(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    sent = batch(PEOPLE, data=DATA)
    receipts = await account(stop_at="https://raksa.example/stop").send(None, sent, NOW)
    assert [r.state for r in receipts] == [ACCEPTED] * 3
    assert [to for to, _ in mails.mails] == PEOPLE
    for message, (to, mail) in zip(sent.messages, mails.mails, strict=True):
        assert mail["To"] == to and mail["Message-ID"] == f"<{message.id}@phatthalung.example>"
        assert mail["Subject"] == DATA["title"] and mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] == "<https://raksa.example/stop>" and mail["X-Priority"] == "1"
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None and html is not None
        assert "ขึ้นที่สูง" in plain.get_content() and DATA["link"] in html.get_content()


async def test_a_drill_is_not_marked_urgent(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    await account().send(None, batch(PEOPLE[:1], data=DATA, exercise=True), NOW)
    assert mails.mails[0][1]["X-Priority"] is None


async def test_the_same_message_twice_is_the_same_mail(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    for _ in range(2):
        await account().send(None, batch(PEOPLE[:1], data=DATA), NOW)
    assert len({mail["Message-ID"] for _, mail in mails.mails}) == 1


@pytest.mark.parametrize(
    ("rcpt", "expected"),
    [
        pytest.param("550 no such user", REFUSED, id="nobody-there"),
        pytest.param("450 mailbox busy", TRY_LATER, id="busy"),
        pytest.param("552 mailbox full", REFUSED, id="full-for-good"),
    ],
)
async def test_a_refusal_is_the_recipients_own(
    box: tuple[Box, Callable[..., Email]], rcpt: str, expected: ReceiptState
) -> None:
    mails, account = box
    mails.rcpt[PEOPLE[1]] = rcpt
    receipts = await account().send(None, batch(PEOPLE), NOW)
    assert [r.state for r in receipts] == [ACCEPTED, expected, ACCEPTED]
    assert [to for to, _ in mails.mails] == [PEOPLE[0], PEOPLE[2]]


async def test_words_that_are_not_taken(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    mails.data[1] = "554 looks like spam"
    receipts = await account().send(None, batch(PEOPLE), NOW)
    assert [r.state for r in receipts][:2] == [ACCEPTED, REFUSED]


async def test_a_line_cut_after_the_words_leaves_one_unknown_and_the_rest_for_later(
    box: tuple[Box, Callable[..., Email]],
) -> None:
    mails, account = box
    mails.hang_up_at = 1
    receipts = await account().send(None, batch(PEOPLE), NOW)
    assert [r.state for r in receipts] == [ACCEPTED, UNKNOWN, TRY_LATER]


async def test_a_wrong_password_is_for_a_person_to_mend(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    wrong = account(password="not-this-one")
    with pytest.raises(ChannelBroken) as raised:
        await wrong.send(None, batch(PEOPLE), NOW)
    assert "not-this-one" not in repr(raised.value) and mails.mails == []
    health = await wrong.probe(None, NOW)
    assert not health.ok and health.note and health.note_en
    assert (await account().probe(None, NOW)).ok


async def test_nobody_at_the_other_end_is_for_later(box: tuple[Box, Callable[..., Email]]) -> None:
    _, account = box
    with pytest.raises(TryLater):
        await account().model_copy(update={"port": 1}).send(None, batch(PEOPLE), NOW)


async def test_never_sent_late(box: tuple[Box, Callable[..., Email]]) -> None:
    mails, account = box
    receipts = await account().send(None, batch(PEOPLE, expires_at=NOW - timedelta(seconds=1)), NOW)
    assert {r.state for r in receipts} == {ReceiptState.EXPIRED} and mails.mails == []
