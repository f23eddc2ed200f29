"""The report in the reader's words: the same cells on the page, in the sheet and on paper."""

from datetime import datetime

from geo.when import clock_text
from warning.coverage_report import Goes, Heard, Numbers
from warning.web.catalogue import catalogue, say

FIELDS = (
    "homes",
    "registered",
    "unregistered",
    "reached",
    "accepted",
    "waiting",
    "unreached",
    "need_help",
)  # of Numbers


def channel_word(name: str, lang: str) -> str:
    key = f"channel_{name}"
    return say(lang, key) if key in catalogue() else name


def ways(heard: tuple[Heard, ...], lang: str) -> str:
    """`LINE 12 (20:03) · SMS 4 (20:05)`: homes, and when the last of them was heard of."""
    return " · ".join(
        f"{channel_word(h.channel, lang)} {h.homes:,}{_at(h.last_at)}" for h in heard
    )  # fmt: skip


def _at(at: datetime | None) -> str:
    return f" ({clock_text(at)})" if at else ""


def goes_words(goes: Goes | None, numbers: Numbers, lang: str) -> str:
    """Who goes to what is left; empty where nothing is."""
    if not numbers.silent:
        return ""
    if goes is None or not (goes.team or goes.role):
        return say(lang, "cov_nobody_yet")
    who = goes.team or say(lang, f"role_{goes.role}")
    return f"{who} · {say(lang, f'field.step_{goes.state}')}"


def best_words(best: str, lang: str) -> str:
    return say(lang, f"cov_best_{best}")


def share_words(numbers: Numbers, lang: str) -> str:
    """Never 100 % of nobody, never 100 % while one home is left, and never 0 % once one is reached."""
    if not numbers.homes:
        return say(lang, "cov_nobody_to_tell")
    percent = numbers.reached * 100 // numbers.homes
    return f"{percent} %" if percent or not numbers.reached else "< 1 %"
