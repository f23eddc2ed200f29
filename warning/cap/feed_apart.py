"""Feeds of others, read in a process of their own: what kills or hangs a parser takes nobody along.

The messages that stand in a feed are judged there as well, as `raksa cap check` would.
"""

import resource
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from multiprocessing import get_context
from typing import NamedTuple, Self

from sources.cap_index import INVALID, Feed, Reason, read_feed
from sources.cap_xml import LARGEST
from warning.cap.verdict import Judgement, judge

LIMIT_S = 10.0  # a feed of 3 MB takes a fifth of a second
_START_S = 60.0  # to import the libraries on a busy machine
_MEMORY = 2 * 1024**3  # bytes of address space: the libraries alone map half a gigabyte
_KILLED = Reason("xml.killed", "อ่านแล้วโปรแกรมล้ม", "reading it killed the process that read it")
_SLOW = Reason("xml.slow", "อ่านนานเกินไป", "reading it took too long")


class ReadFeed(NamedTuple):
    feed: Feed
    judged: tuple[
        tuple[Judgement, ...], ...
    ]  # of the messages inside each entry, in the order of `feed.entries`


class FeedsApart:
    """Use as a context manager. The process is used again for each feed, and made anew when it died or was too slow."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, body: bytes, url: str | None = None) -> ReadFeed:
        """As `sources.cap_index.read_feed`; not-a-feed with xml.killed or xml.slow for what the process did not outlive."""
        if len(body) > LARGEST:
            return ReadFeed(read_feed(body), ())  # not even sent over: refused by its size
        try:
            return self._ready().submit(read_judged, body, url).result(self.limit_s)
        except TooLong:
            self.close()
            return _refused(_SLOW)
        except (BrokenExecutor, MemoryError):
            self.close()
            return _refused(_KILLED)

    def close(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):  # a hung one has to be killed
                process.kill()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not a fork: this process may have threads and a database.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_bound)
            self._pool.submit(_here).result(_START_S)
        return self._pool


def read_judged(body: bytes, url: str | None = None) -> ReadFeed:
    """In this very process; pure."""
    feed = read_feed(body, url)
    return ReadFeed(feed, tuple(tuple(judge(xml, None) for xml in entry.alerts) for entry in feed.entries))


def _refused(why: Reason) -> ReadFeed:
    return ReadFeed(Feed("not-a-feed", INVALID, (why,)), ())


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _here() -> None:
    """Answers as soon as the process is up."""
