"""Simulated village heads and residents. They react to what really arrived, and answer through the gateways.

A head answers "announced", "water is here", "need help" or not at all; a resident "safe", "need help"
or not at all. By LINE they press a button of the message they got; by SMS they type a digit: contacts 1
announced, 2 need help, 3 water here; residents 1 safe, 2 need help. Who does what is drawn from the
seed and the person's own address, so it does not depend on the order in which messages arrive.
"""

import asyncio
import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import parse_qs

from warning.world.book import Arrival, Book
from warning.world.line_phones import LinePhones
from warning.world.line_rules import actions
from warning.world.serving import end
from warning.world.sms import SmsServer, mobile


class Manner(StrEnum):
    ANNOUNCES = "announced"
    WATER = "water"
    HELP = "help"
    SAFE = "safe"
    SILENT = "silent"


CONTACT_DIGIT = {Manner.ANNOUNCES: "1", Manner.HELP: "2", Manner.WATER: "3"}
RESIDENT_DIGIT = {Manner.SAFE: "1", Manner.HELP: "2"}
# The `a` of a button, in any spelling a message may carry.
BUTTON = {
    Manner.ANNOUNCES: {"announced"},
    Manner.WATER: {"water", "water_here"},
    Manner.HELP: {"help", "need_help"},
    Manner.SAFE: {"safe"},
}


class Contact(NamedTuple):
    """A head, assistant or key-holder; `homes` they can tell. `manner` None: drawn."""

    name: str
    addresses: tuple[str, ...]  # phones as +66..., LINE user ids
    homes: int
    manner: Manner | None = None


class Said(NamedTuple):
    channel: str
    address: str
    manner: Manner
    homes: int | None
    data: str  # the button's data or the text sent


@dataclass(frozen=True)
class Habits:
    """Weights of what people do, and how soon (wall seconds)."""

    contact: dict[Manner, float] = field(
        default_factory=lambda: {
            Manner.ANNOUNCES: 0.74,
            Manner.WATER: 0.08,
            Manner.HELP: 0.05,
            Manner.SILENT: 0.13,
        }
    )
    resident: dict[Manner, float] = field(
        default_factory=lambda: {Manner.SAFE: 0.55, Manner.HELP: 0.03, Manner.SILENT: 0.42}
    )
    contact_s: tuple[float, float] = (3.0, 14.0)
    resident_s: tuple[float, float] = (1.0, 20.0)
    tells_homes: bool = True  # "1 85" by SMS, a second line by LINE
    quiet_s: float = 60.0  # nobody answers two messages within this time
    seed: int = 2569


class People:
    def __init__(self, book: Book, line: LinePhones, sms: SmsServer, habits: Habits | None = None) -> None:
        self._line, self._sms = line, sms
        self.habits = habits or Habits()
        self._contacts: dict[str, Contact] = {}
        self._last: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.said: list[Said] = []
        book.listeners.append(self._heard)

    def add(self, contact: Contact) -> None:
        """Make somebody a village contact; everyone not added is a resident. Phones in any Thai spelling."""
        addresses = tuple(mobile(a) or a for a in contact.addresses)
        for address in addresses:
            self._contacts[address] = contact._replace(addresses=addresses)

    def manner(self, address: str) -> Manner:
        """What this person does tonight; the same for all addresses of one contact."""
        contact = self._contacts.get(address)
        if contact is not None and contact.manner is not None:
            return contact.manner
        weights = self.habits.resident if contact is None else self.habits.contact
        return self._draw(address).choices(list(weights), list(weights.values()))[0]

    async def settled(self) -> None:
        """Wait until everyone who meant to answer has."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        await end(list(self._tasks))

    def _draw(self, address: str) -> random.Random:
        return random.Random(f"{self.habits.seed} {self._who(address)}")

    def _who(self, address: str) -> str:
        contact = self._contacts.get(address)
        return contact.addresses[0] if contact else address

    def _heard(self, arrival: Arrival, content: object) -> None:
        if arrival.channel not in ("line", "sms"):
            return
        manner = self.manner(arrival.address)
        if manner is Manner.SILENT:
            return
        data = self._words(arrival, manner, content)
        if data is None:
            return
        who, at = self._who(arrival.address), asyncio.get_running_loop().time()
        if at - self._last.get(who, float("-inf")) < self.habits.quiet_s:
            return
        self._last[who] = at
        soon, late = self.habits.contact_s if arrival.address in self._contacts else self.habits.resident_s
        after = self._draw(arrival.address + arrival.text_sha256).uniform(soon, late)
        task = asyncio.create_task(self._answer(arrival, manner, data, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _words(self, arrival: Arrival, manner: Manner, content: object) -> str | None:
        contact = self._contacts.get(arrival.address)
        if arrival.channel == "line":
            return button(content, manner)
        if contact is None:
            return RESIDENT_DIGIT.get(manner)
        digit = CONTACT_DIGIT.get(manner)
        tells = manner is Manner.ANNOUNCES and self.habits.tells_homes
        return f"{digit} {contact.homes}" if tells else digit

    async def _answer(self, arrival: Arrival, manner: Manner, data: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        contact = self._contacts.get(arrival.address)
        homes = contact.homes if contact and manner is Manner.ANNOUNCES else None
        if arrival.channel == "line":
            self._line.press(arrival.address, data)
            if homes is not None and self.habits.tells_homes:
                self._line.say(arrival.address, f"ประกาศแล้ว {homes} หลัง")
        else:
            self._sms.reply(arrival.address, data)
        self.said.append(Said(arrival.channel, arrival.address, manner, homes, data))


def button(messages: object, manner: Manner) -> str | None:
    """The postback data of the button that says so, None when the message offers none."""
    for action in actions(messages):
        data = str(action.get("data", ""))
        if set(parse_qs(data).get("a", [])) & BUTTON.get(manner, set()):
            return data
    return None
