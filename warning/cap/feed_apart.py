"""Feeds of others for `raksa cap feed`: read in a process that may die, the messages inside judged there as well."""

from typing import NamedTuple

from sources.cap_apart import Apart, Killed, Slow
from sources.cap_cut import told_by
from sources.cap_index import INVALID, Feed, Reason, read_feed
from sources.cap_xml import LARGEST
from warning.cap.verdict import Judgement, judge

_KILLED = Reason("xml.killed", "อ่านแล้วโปรแกรมล้ม", "reading it killed the process that read it")
_SLOW = Reason("xml.slow", "อ่านนานเกินไป", "reading it took too long")


class Inside(NamedTuple):
    """A message that stands in the feed itself."""

    told: dict[str, str]  # identifier, sender, sent, status, msgType, title: as far as it tells them
    said: Judgement


class ReadFeed(NamedTuple):
    feed: Feed
    inside: tuple[tuple[Inside, ...], ...]  # the messages in each entry, in the order of `feed.entries`


def read_apart(apart: Apart, body: bytes, url: str | None = None) -> ReadFeed:
    """As `sources.cap_index.read_feed`; not-a-feed with xml.killed or xml.slow for what the process did not outlive."""
    if len(body) > LARGEST:
        return ReadFeed(read_feed(body), ())  # not even sent over: refused by its size
    try:
        return apart.run(read_judged, body, url)
    except Slow:
        return _refused(_SLOW)
    except Killed:
        return _refused(_KILLED)


def read_judged(body: bytes, url: str | None = None) -> ReadFeed:
    """In this very process; pure."""
    feed = read_feed(body, url)
    return ReadFeed(
        feed, tuple(tuple(Inside(told_by(xml), judge(xml, None)) for xml in e.alerts) for e in feed.entries)
    )


def _refused(why: Reason) -> ReadFeed:
    return ReadFeed(Feed("not-a-feed", INVALID, (why,)), ())
