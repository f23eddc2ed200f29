"""Weather warnings of the Thai Meteorological Department in its own words: XML (v2), or JSON (v1, v2).

Needs uid and ukey, given by TMD on registration. The feed tells no severity, no area codes and no id: see
tmd_words.py and `_key`. Times are Bangkok time without a zone; TMD writes Buddhist years in titles, and
where a date has one it is put right, as a bulletin is nothing a clock has measured. Feed notes:
docs/sources/tmd_warning.md.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import SecretStr

from geo.when import BUDDHIST_OFFSET_YEARS, thai_month
from sources import polite
from sources.checks import BUDDHIST_FROM, Implausible, bangkok_time, not_ahead
from sources.contract import Bulletin, Payload, Reading, Rejected, Source, SourceChanged
from sources.tmd_body import lower, mappings, no_fault, text_of, tree
from sources.tmd_words import areas_named, severity_of

URL = "https://data.tmd.go.th/api/WeatherWarningNews/v2/"

_THAI = re.compile("[\u0e00-\u0e7f]")
_NUMBER = re.compile(r"ฉบับที่\s*(\d+)")
_SERIAL = re.compile(r"\(\s*(\d+)\s*/\s*(25\d\d|26\d\d)\s*\)")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)", re.DOTALL)
_SPOKEN = re.compile(
    r"(?:วันที่\s*)?(\d{1,2})\s*(?:เดือน\s*)?([ก-๙.]+?)\s*(?:พ\.\s?ศ\.\s*)?(\d{4})(.*)", re.DOTALL
)
_CLOCK = re.compile(r"[T\s]\s*(?:เวลา\s*)?(\d{1,2})[:.](\d\d)(:\d\d)?(?:\s*น\.?)?(?=$|[Z+-])")
_YEAR_FIRST = re.compile(r"(\d{4})(-\d\d-\d\d.*)", re.DOTALL)
ROW_SIGNS = frozenset({"issueno", "titlethai"})


class TmdWarning(Source):
    """Bulletins of TMD. Never an alert by itself."""

    needs_key: ClassVar[bool] = True
    signs: ClassVar[tuple[str, ...]] = (
        '"WarningNews"',
        "<WeatherWarningNews",
        "<Warnings>",
        "WeatherWarningNews/",
    )
    may_be_empty: ClassVar[bool] = True

    url: str = URL
    uid: SecretStr = SecretStr("")
    ukey: SecretStr = SecretStr("")
    deadline: timedelta = timedelta(seconds=30)

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        keys = {"uid": self.uid.get_secret_value(), "ukey": self.ukey.get_secret_value()}
        return polite.payload(http, self.url, now, params=keys, deadline=self.deadline)

    def read(self, payload: Payload) -> list[Reading]:
        told = tree(payload.body, self.name)
        no_fault(told, self.name)
        rows = list(_rows(told))
        if not rows and not _says_none(told):
            raise SourceChanged(f"{self.name}: no warnings and no place for them in the answer")
        return [self._read_row(row, payload.fetched_at) for row in rows]

    def _read_row(self, raw: Mapping[str, Any], fetched_at: datetime) -> Reading:
        row = lower(raw)

        def text(*names: str) -> str:
            told = (text_of(row.get(name.lower())) for name in names)
            return next((found for found in told if found), "")

        title = text("TitleThai") or text("HeadlineThai")
        words = "\n".join(part for part in (text("HeadlineThai"), text("DescriptionThai")) if part) or title
        english = [_english(text(name)) for name in ("TitleEnglish", "HeadlineEnglish", "DescriptionEnglish")]
        try:
            if not title:
                raise Implausible("a warning without a title")
            announced_at = _time(text("AnnounceDate", "AnnounceDateTime"))
            not_ahead(announced_at, fetched_at)
            begins, ends = _time_or_none(text("EffectStartDate")), _time_or_none(text("EffectEndDate"))
            if begins and ends and ends < begins:
                ends = None  # a slip of the pen must not make it over before it began
            everything = f"{title}\n{words}\n{text('WarningTypeThai')}"
            return Bulletin(
                source=self.name,
                key=_key(title, text("IssueNo"), announced_at),
                title_th=title,
                title_en=english[0] or None,
                text_th=words,
                text_en="\n".join(part for part in english[1:] if part) or None,
                announced_at=announced_at,
                effective_from=begins,
                effective_to=ends,
                areas=areas_named(everything),
                severity=severity_of(everything) or severity_of(" ".join(english)),
                url=_url(text("WebUrlThai", "DocumentFile", "WebUrlEnglish")),
            )
        except Implausible as error:
            return Rejected(dict(raw), why=str(error))


def _key(title: str, issue: str, announced_at: datetime) -> str:
    """Number, serial of the Buddhist year and time of announcement: `5 (245/2569) 2026-11-23T22:00Z`."""
    number, serial = _NUMBER.search(title), _SERIAL.search(title)
    told = number.group(1) if number else issue or "?"
    year = f" ({serial.group(1)}/{serial.group(2)})" if serial else ""
    return f"{told}{year} {announced_at:%Y-%m-%dT%H:%MZ}"


def _time(told: str) -> datetime:
    """`2026-11-24 05:00:00`, `24 พ.ย. 2569 05.00 น.`, or numbers with slashes where one of them can be no month;
    Buddhist years put right. Aware UTC.
    """
    text = _CLOCK.sub(lambda found: f" {int(found[1]):02}:{int(found[2]):02}{found[3] or ''}", told.strip())
    if spoken := _SPOKEN.fullmatch(text):
        day, word, year, rest = spoken.groups()
        text = f"{int(year):04}-{thai_month(word) or 0:02}-{int(day):02}{rest}"
    elif slashed := _SLASHED.fullmatch(text):
        day, month, year, rest = slashed.groups()
        if int(month) > 12:
            day, month = month, day
        if int(day) <= 12 and day != month:
            raise Implausible(f"is the day or the month first? {text!r}")
        text = f"{int(year):04}-{int(month):02}-{int(day):02}{rest}"
    if first := _YEAR_FIRST.fullmatch(text):
        year = int(first.group(1))
        text = f"{year - BUDDHIST_OFFSET_YEARS if year >= BUDDHIST_FROM else year:04}{first.group(2)}"
    return bangkok_time(text)


def _time_or_none(told: str) -> datetime | None:
    try:
        return _time(told)
    except Implausible:
        return None


def _english(text: str) -> str:
    """Empty where the English field holds Thai words, as the first of the two sets does."""
    return "" if _THAI.search(text) else text


def _url(told: str) -> str | None:
    """Backslashes and raw Thai letters put right. None for what is no web address."""
    address = told.replace("\\", "/").strip()
    if not re.match(r"https?://[^/\s]+", address, re.IGNORECASE):
        return None
    return str(requests.utils.requote_uri(address))


def _rows(told: Any) -> Iterator[Mapping[str, Any]]:
    return (node for node in mappings(told) if ROW_SIGNS & lower(node).keys())


def _says_none(told: Any) -> bool:
    """No warning in force: the place for warnings is there, and empty."""
    places = {"warningnews", "warnings", "warning"}
    return any(not value for node in mappings(told) for key, value in lower(node).items() if key in places)
