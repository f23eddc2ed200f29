"""What the desk shows of callers nobody knows: their words and a masked number; the number itself only to who rings back."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from geo.gazetteer import gazetteer
from geo.phone import shown
from warning.caller import CallerState, UnknownCaller, replies_of, unknown_callers
from warning.keyed import HOLD_FOR
from warning.office import Office
from warning.web.catalogue import say
from warning.web.places import place_words


@dataclass(frozen=True)
class CallerLine:
    """`words`: what they wrote, newest last, each once. `number` and `dial` (E.164, telephones only) are empty unless opened."""

    caller: UnknownCaller
    words: tuple[tuple[datetime, str], ...]
    answers: tuple[str, ...]
    held: bool
    mine: bool
    number: str = ""
    dial: str = ""
    note: str = ""

    @property
    def id(self) -> UUID:
        return self.caller.id

    @property
    def over(self) -> bool:
        return self.caller.state is not CallerState.OPEN

    @property
    def help(self) -> bool:
        return self.caller.priority == 1


def caller_lines(session: Session, office: Office, now: datetime, who: UUID) -> list[CallerLine]:
    """Everybody who waits to be rung back, gravest first; masked."""
    return [
        caller_line(session, caller, office, now, who) for caller in unknown_callers(session, office.mode)
    ]


def caller_line(
    session: Session,
    caller: UnknownCaller,
    office: Office,
    now: datetime,
    who: UUID,
    *,
    may_open: bool = False,
) -> CallerLine:
    """may_open: show the number if this person took the caller; the route writes that look down."""
    said = replies_of(session, caller.id)
    texts: dict[str, datetime] = {}
    for reply in said:
        if reply.text_sealed:
            texts.setdefault(office.keyring.open(reply.text_sealed), reply.at)
    held = caller.held_at is not None and caller.held_at > now - HOLD_FOR
    mine = held and caller.held_by == who
    opened = may_open and mine and caller.address_sealed is not None
    address = office.keyring.open(caller.address_sealed) if opened and caller.address_sealed else ""
    telephone = address.startswith("+")
    return CallerLine(
        caller, tuple((at, text) for text, at in texts.items()), tuple(dict.fromkeys(r.answer for r in said)),
        held, mine, shown(address) if address.startswith("+66") else address, address if telephone else "",
        office.keyring.open(caller.note_sealed) if may_open and caller.note_sealed else "",
    )  # fmt: skip


class Choice(NamedTuple):
    """One tambon and its villages, as a list to choose from: (code, words)."""

    tambon: str
    villages: list[tuple[str, str]]


def villages_to_choose(first: set[str], lang: str) -> list[Choice]:
    """All villages of the province by tambon; those under an alert stand first."""
    places = gazetteer()
    found = []
    for code in sorted(places.tambons, key=lambda code: (code not in first, code)):
        words = place_words(code, lang)
        villages = [(v.code, place_words(v.code, lang)) for v in places.villages_of(code)]
        only = say(lang, "caller.only_tambon" if villages else "whole_tambon")
        named = [(v, f"{w.moo} {w.village}") for v, w in villages] + [
            (f"{code}00", f"{words.tambon}: {only}")
        ]
        found.append(Choice(f"{words.tambon}, {words.amphoe}", named))
    return found
