"""The judge's own book: what really arrived at phones, LINE users and towers."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple


class Arrival(NamedTuple):
    at: datetime  # the world's own clock, aware UTC
    channel: str  # line | sms | tower
    address: str
    key: str | None  # the repeat key under which it came; None when the sender gave none
    text_sha256: str


class Repeat(NamedTuple):
    channel: str
    address: str
    key: str | None
    times: int


Listener = Callable[[Arrival, object], None]


@lru_cache(maxsize=1024)
def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()


class Book:
    """Append-only. `listeners` are told of every arrival and its content: people react to facts."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._arrivals: list[Arrival] = []
        self.turned_away: Counter[tuple[str, str]] = Counter()  # (channel, why): calls that brought nothing
        self.listeners: list[Listener] = []

    def record(
        self, channel: str, addresses: Iterable[str], key: str | None, text: str, content: object = None
    ) -> None:
        """Enter one arrival an address. `content` is handed to the listeners as it came, and not kept."""
        at, mark = self._now(), _fingerprint(text)
        for address in addresses:
            arrival = Arrival(at, channel, address, key, mark)
            self._arrivals.append(arrival)
            for listener in self.listeners:
                listener(arrival, content)

    def turn_away(self, channel: str, why: str) -> None:
        self.turned_away[channel, why] += 1

    def arrivals(self, channel: str | None = None) -> list[Arrival]:
        """Everything that arrived, in order; one channel of it when named."""
        return [a for a in self._arrivals if channel in (None, a.channel)]

    def addresses(self, channel: str | None = None) -> set[str]:
        return {a.address for a in self.arrivals(channel)}

    def per_key(self, channel: str | None = None) -> Counter[str | None]:
        """How many arrivals each repeat key brought."""
        return Counter(a.key for a in self.arrivals(channel))

    def repeats(self, channel: str | None = None, *, by_words: bool = False) -> list[Repeat]:
        """Who got the same thing twice or more: under one repeat key, or, where none came, in the same words.

        `by_words` looks at the words alone, so that one text under two keys is found as well.
        """
        times: Counter[tuple[str, str, str]] = Counter()
        keys: dict[tuple[str, str, str], str | None] = {}
        for a in self.arrivals(channel):
            about = (a.channel, a.address, a.text_sha256 if by_words or a.key is None else a.key)
            keys.setdefault(about, a.key)
            times[about] += 1
        return [Repeat(what[0], what[1], keys[what], n) for what, n in times.items() if n > 1]
