"""Places as the people pages list them: by amphoe and tambon, found by a part of a name or a code."""

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple, Protocol, TypeVar

from geo.gazetteer import UnknownPlace, gazetteer
from warning.accounts.user import Person


class Placed(Protocol):
    @property
    def code(self) -> str: ...


Line = TypeVar("Line", bound=Placed)


class Found(NamedTuple):
    """What was asked for: part of a name (`q`) and an amphoe (4 digits, or none)."""

    q: str
    amphoe: str

    def holds(self, code: str) -> bool:
        if self.amphoe and not code.startswith(self.amphoe):
            return False
        return not self.q or self.q.casefold() in names_of(code)


def found(q: str, amphoe: str) -> Found:
    return Found(" ".join(q.split())[:80], amphoe if amphoe in gazetteer().amphoes else "")


def names_of(code: str) -> str:
    """A village's names and code, in both languages, to be searched."""
    places = gazetteer()
    try:
        village, tambon = places.village(code), places.tambon(code[:6])
    except UnknownPlace:
        return code
    return f"{code} {village.th} {village.en} {tambon.th} {tambon.en} ม.{village.moo} moo {village.moo}".casefold()


def seen(person: Person, amphoes: Iterable[str]) -> list[str]:
    """Amphoe in which this person may see anybody at all."""
    areas = person.areas
    return [
        a for a in amphoes if areas is None or any(area.startswith(a) or a.startswith(area) for area in areas)
    ]


def by_tambon(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Lines in the order of their tambon, which keep the order they came in."""
    ordered = sorted(lines, key=lambda line: line.code[:6])
    return [(code, list(group)) for code, group in groupby(ordered, key=lambda line: line.code[:6])]
