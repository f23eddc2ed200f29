"""One message id, two spellings: some SMSCs answer a submit in hex and report in decimal, or the other way.

What is stored is the spelling of the answer, in small letters without leading zeros; a report is brought to it. `auto`
finds out by itself: a report is held to a message only if it is about the same phone, so a number that happens to be
another message's id misleads nobody. Until it knows, a report that fits nothing waits for the answer that may come.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Literal

Spelling = Literal["auto", "same", "hex_dec", "dec_hex"]  # of the answer, of the report
MOST_HELD = 5000
_HEX, _DEC = re.compile(r"[0-9a-f]+"), re.compile(r"[0-9]+")


class SmppIds:
    def __init__(self, spelling: Spelling = "auto") -> None:
        self.spelling: Spelling = spelling
        self._answered: OrderedDict[str, str] = OrderedDict()  # id -> phone; only while we do not know
        self._early: OrderedDict[str, str] = OrderedDict()

    @property
    def known(self) -> bool:
        return self.spelling != "auto"

    def answered(self, told: str, phone: str) -> str:
        """The id of a submit's answer, as it is stored."""
        name = plain(told)
        if self.spelling == "auto":
            self._answered[name] = phone
            if len(self._answered) > MOST_HELD:
                self._answered.popitem(last=False)
            if self._early:
                self._learn()
        return name

    def reported(self, told: str, phone: str) -> str:
        """The id of a report, in the answer's spelling as far as it is known."""
        if self.spelling == "auto":
            self._early[told] = phone
            if len(self._early) > MOST_HELD:
                self._early.popitem(last=False)
            self._learn()
        return next(iter(_ways(told, self.spelling)), (self.spelling, plain(told)))[1]

    def _learn(self) -> None:
        for told, phone in self._early.items():
            for spelling, name in _ways(told, "auto"):
                if self._answered.get(name) == phone:
                    self.spelling = spelling
                    self._answered.clear()
                    self._early.clear()
                    return


def plain(told: str) -> str:
    name = told.strip().lower()
    return name.lstrip("0") or "0" if _HEX.fullmatch(name) else name


def _ways(told: str, spelling: Spelling) -> Iterator[tuple[Spelling, str]]:
    """What the answer's spelling of a reported id may be."""
    name = plain(told)
    if spelling in ("auto", "same"):
        yield "same", name
    if spelling in ("auto", "hex_dec") and _DEC.fullmatch(name):
        yield "hex_dec", f"{int(name):x}"
    if spelling in ("auto", "dec_hex") and _HEX.fullmatch(name):
        yield "dec_hex", str(int(name, 16))
