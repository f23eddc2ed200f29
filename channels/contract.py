"""What every channel promises: a batch in, exactly one honest receipt for each recipient out.

Raised errors mean that nothing of the batch was taken and say what to do next; a batch partly taken returns
receipts, the rest of it TRY_LATER. A receipt claims no more than the carrier proved.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class ReceiptState(StrEnum):
    """Forward only, by rank; the ones without a rank stand apart."""

    PLANNED = "planned"
    HANDED_OVER = "handed_over"  # given to the wire, no answer yet
    ACCEPTED = "accepted"  # the provider took it. NOT reached.
    DELIVERED = "delivered"  # the handset or the device says it has it
    CONFIRMED = "confirmed"  # a person answered, tapped, announced
    TRY_LATER = "try_later"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # sent, and the answer was lost: never resent blindly
    SUPPRESSED = "suppressed"
    REFUSED = "refused"


RANK: dict[ReceiptState, int] = {
    ReceiptState.PLANNED: 0,
    ReceiptState.HANDED_OVER: 1,
    ReceiptState.ACCEPTED: 2,
    ReceiptState.DELIVERED: 3,
    ReceiptState.CONFIRMED: 4,
}


class Proof(StrEnum):
    """The strongest thing a carrier can ever prove about one recipient."""

    NOTHING = "nothing"
    HANDSET = "handset"  # a delivery report of the phone
    DEVICE = "device"  # the loudspeaker says it played
    ANSWER = "answer"  # a person answers


class Message(NamedTuple):
    """One recipient, one text. `id` is the delivery's id and the repeat key of this message."""

    id: UUID
    address: str  # phone in E.164, LINE user id, device id, ...
    text: str  # the channel's own wording, ready to send
    lang: str = "th"
    data: Mapping[str, str] = {}  # what a channel may need besides: title, body, link, role, device key


class Batch(NamedTuple):
    """What goes out in one call. `key` is stored before the first try; same key, same body."""

    key: UUID
    alert_id: UUID
    severity: str  # CAP word
    exercise: bool
    messages: tuple[Message, ...]
    expires_at: datetime  # aware UTC: after this it must not be sent
    maybe_taken: bool = False  # an earlier call with this key may have been taken, though its answer was lost
    everybody: bool = False  # the alert is for the whole of the office's area


class Receipt(NamedTuple):
    delivery_id: UUID | None  # None while only the provider's id is known
    state: ReceiptState
    at: datetime  # aware UTC
    why: str = ""
    provider_id: str | None = None
    retry_after: timedelta | None = None
    maybe_taken: bool = False  # of TRY_LATER, as the error's


class Answer(StrEnum):
    ANNOUNCED = "announced"
    WILL_ANNOUNCE = "will_announce"
    WATER_HERE = "water_here"
    SAFE = "safe"
    NEED_HELP = "need_help"
    SEEN = "seen"
    NO_ANSWER = "no_answer"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


class Reply(NamedTuple):
    """What a person said back."""

    event_id: str  # the provider's own id of the event: twice is once
    answer: Answer
    at: datetime  # aware UTC
    delivery_id: UUID | None = None
    address: str | None = None  # who, when the delivery is not named: newest delivery to this address counts
    homes: int | None = None  # homes told, when a head says so
    people: int | None = None
    text: str = ""  # their own words, sealed before they are stored
    alert_id: UUID | None = None  # when the button pressed names the alert (one button for 500 people)
    times: int | None = None  # how often it was announced, when a key-holder says so


class Plan(NamedTuple):
    """Before a send: can it be done, how long, for how much."""

    recipients: int
    minutes: float
    baht: Decimal
    warning: str = ""  # e.g. the quota does not suffice


class Health(NamedTuple):
    ok: bool
    note: str = ""  # the sentence how to mend it when not ok
    note_en: str = ""


class TryLater(Exception):
    """Nothing taken: same batch, same key, later. `maybe_taken`: the answer was lost, and only this carrier, which refuses
    repeats, may be asked again; another one must not."""

    def __init__(self, why: str, retry_after: timedelta | None = None, *, maybe_taken: bool = False) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.maybe_taken = maybe_taken


class OutcomeUnknown(Exception):
    """The call was made and its answer lost; where the carrier cannot dedupe, do not resend blindly."""


class QuotaSpent(Exception):
    """Nothing taken, nor will be: next channel now, and an alarm."""


class ChannelBroken(Exception):
    """Nothing taken: a person must look (credentials, contract)."""


class BadSignature(Exception):
    """A webhook that did not come from the carrier."""


class Channel(BaseModel, ABC):
    """One carrier. `kind` is the name of its file; the other fields are its entry in config.yaml.

    One recipient's address is of the kind `needs`: "sms" (a phone number), "line" (a LINE user id),
    "tower" (an MQTT device id), "keyholder" (whoever holds a microphone), "none".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    batch: ClassVar[int]  # most recipients a call
    proof: ClassVar[Proof]
    needs: ClassVar[str]
    live: ClassVar[bool] = True  # can reach a real person; `notebook` cannot
    # The carrier refuses a repeat of the same key, so that a lost answer may be asked for again.
    dedupes: ClassVar[bool] = False
    # Every address is at a provider of its own: one that asks us to slow down slows nobody else's messages.
    each_its_own: ClassVar[bool] = False

    kind: str
    name: str
    on: bool = True
    simulated: bool = False  # a gateway of the simulated world on loopback; the only kind an exercise may use
    rate_per_s: float = 50.0  # calls a second this account may make (our own token bucket)
    lane_share: float = 0.2  # part of the rate kept for life safety
    standby_for: str = (
        ""  # name of the channel whose segments this one takes over while that one is broken or slow
    )
    slow_after_s: float = 60.0  # receipts later than this are slow, where another account stands by
    last_resort: bool = False  # stands by for every channel of the same need, behind their other standbys

    @asynccontextmanager
    async def open(self, net: Any) -> AsyncIterator[Any]:
        """Connections that live as long as the worker. `net` is an aiohttp.ClientSession; the value yielded
        is handed to `send` and `probe` as `wire`."""
        yield net

    @abstractmethod
    def plan(self, recipients: int) -> Plan:
        """Minutes and baht for so many recipients, before a send."""

    def calls(self, messages: int) -> int:
        """How many calls at the provider a batch of so many messages costs: what the account's rate counts."""
        return 1

    @abstractmethod
    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        """Exactly one receipt a message, in their order.

        Raises TryLater, QuotaSpent, ChannelBroken, OutcomeUnknown.
        """

    async def try_words(self, wire: Any, batch: Batch) -> str:
        """Would the carrier take these words? Nobody is told anything. "" when it would, or cannot be asked that; else why not, in
        its own words. Raises TryLater, ChannelBroken."""
        return ""

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Receipt | Reply]:
        """Later reports and answers. BadSignature before anything is parsed, ValueError on nonsense."""
        raise ValueError(f"{self.name} has no webhook")

    async def listen(self, wire: Any, now: Any) -> AsyncIterator[Receipt | Reply]:
        """Reports that come over the channel's own connection (MQTT); `now` is a callable."""
        return
        yield  # pragma: no cover - makes this an empty async generator

    async def probe(self, wire: Any, now: datetime) -> Health:
        return Health(ok=True)
