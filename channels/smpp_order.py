"""What an SMPP account is, and one message on its way through it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from channels.contract import ReceiptState


class Settings(NamedTuple):
    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    window: int = 10
    rate_per_s: float = 0.0  # parts a second; 0: no limit of ours
    enquire_s: float = 30.0
    answer_s: float = 10.0  # of an enquire_link or a bind; then the link is given up
    submit_s: float = 60.0  # of a submit_sm; then its outcome is unknown
    pause_s: float = 0.1  # first pause when throttled; twice as long at each further one
    again_s: float = 0.5  # first wait before binding again
    patience_s: float = 60.0  # for the rest of a message half of which is written, while the link is away
    tls: bool = False


@dataclass(slots=True)
class Job:
    left: int  # orders without a final word
    done: asyncio.Future[None]


@dataclass(slots=True)
class Order:
    """One message: bodies of its parts, and what became of it. `until`: loop time after which it must not begin."""

    parts: Sequence[bytes]
    until: float
    phone: str = ""  # without plus, as reports name it
    urgent: bool = False
    state: ReceiptState | None = None
    why: str = ""
    ids: list[str] = field(default_factory=list)  # of the parts the SMSC took, in its own spelling
    written: int = 0
    answered: int = 0
    tries: int = 0
    job: Job | None = None


class Written(NamedTuple):
    order: Order
    nth: int
    at: float
