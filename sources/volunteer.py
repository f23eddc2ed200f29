"""What heads, volunteers and officers saw with their own eyes: a reading of a staff gauge, or where the water is.

Reports come in by LINE, SMS, keypad and the pages, so nothing is fetched; the office records each as a payload of this source, so
that they go the same way as those of an instrument. No name and no number is in it. Notes: docs/sources/volunteer.md.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from pydantic import Field, JsonValue

from geo.gazetteer import UnknownPlace, gazetteer
from sources.checks import Implausible, not_ahead, number
from sources.contract import UNITS, Observation, Payload, Quantity, Reading, Source, SourceChanged
from sources.envelope import json_of
from sources.rows import Misshapen, moment, pick, plausible, read_each, words
from sources.volunteer_words import SEEN_LEVEL, Heard, hear

ENVELOPE = "raksa_volunteer"
MOST_REPORTS = 20_000  # each of 670 villages every half hour for a fortnight
TOO_OLD = timedelta(days=7)  # a report is of now; older ones are typed in from paper


class Volunteer(Source):
    """Stage at a named staff, and the water people see in a village."""

    signs: ClassVar[tuple[str, ...]] = (ENVELOPE,)
    may_be_empty: ClassVar[bool] = True
    by_people: ClassVar[bool] = True

    every: timedelta = Field(default=timedelta(minutes=10), ge=timedelta(seconds=1))
    stale_after: timedelta = Field(default=timedelta(days=36_500), gt=timedelta(0))  # nobody owes a report
    names: dict[str, str] = {}  # what people call a staff -> the code of its station
    staffs: dict[str, str] = {}  # village code -> the staff its people read when they name none
    zero_m: dict[str, float] = {}  # station -> m above mean sea level of its zero

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        return Payload(b"", fetched_at=now, not_modified=True)

    def read(self, payload: Payload) -> list[Reading]:
        def one(raw: JsonValue) -> Iterable[Reading]:
            return self._report(raw, payload.fetched_at)

        reports = self._reports(payload.body)
        if len(reports) > MOST_REPORTS:
            raise SourceChanged(
                f"{self.name}: {len(reports):,} reports; no night has more than {MOST_REPORTS:,}"
            )
        return read_each(self.name, reports, one)

    def heard(self, text: str, village: str | None) -> Heard:
        """What a text says, its staff and its village in codes. Raises Unclear (sources.volunteer_words)."""
        heard = hear(text, self.names)
        if heard.gauge is None and heard.stage_m is not None and village is not None:
            return heard._replace(gauge=self.staffs.get(village))
        return heard

    def _reports(self, body: bytes) -> list[Any]:
        """Ours, a list, one report, or plain words, a line each."""
        start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
        if (
            start[:1] in (b"{", b"[", b"<", b"")
            or b"\0" in body[:200]
            or body[:2] in (b"\xff\xfe", b"\xfe\xff")
        ):
            told = json_of(body, self.name)
            told = pick(told, ENVELOPE, "reports", "data") or told if isinstance(told, Mapping) else told
            if isinstance(told, Mapping):
                return [told]
            if not isinstance(told, list):
                raise SourceChanged(f"{self.name}: no reports")
            return told
        try:
            lines = body.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise SourceChanged(f"{self.name}: not UTF-8 text") from None
        if any(ord(letter) < 32 and letter != "\t" for line in lines for letter in line):
            raise SourceChanged(f"{self.name}: no text")
        return [{"text": line.strip()} for line in lines if line.strip()]

    def _report(self, raw: JsonValue, fetched_at: datetime) -> Iterable[Reading]:
        """Raises Misshapen for what is no report, Implausible for what cannot be read: the sentence says what to write."""
        if isinstance(raw, str):
            raw = {"text": raw}
        if not isinstance(raw, dict):
            raise Misshapen("no report")
        if not any(key in raw for key in ("text", "message", "gauge", "stage_m", "level_m", "water")):
            raise Misshapen("a report without words, gauge or water")
        at = (
            moment(when)
            if (when := pick(raw, "at", "time", "observed_at", "reported_at")) is not None
            else fetched_at
        )
        not_ahead(at, fetched_at)
        if fetched_at.year < 9000 and fetched_at - at > TOO_OLD:
            raise Implausible("a report of more than a week ago")
        village = _village(pick(raw, "village", "village_code"))
        text = words(pick(raw, "text", "message"))
        heard = self.heard(text, village) if text else self._typed(raw, village)
        if heard.moo is not None and village is not None:
            village = _village(f"{village[:6]}{heard.moo:02d}") or village
        readings = list(self._stage(heard, at)) + list(self._water(heard, village, at))
        if not readings:
            raise Implausible(_WHY_NOTHING if heard.stage_m is None else _WHICH_GAUGE)
        return readings

    def _typed(self, raw: Mapping[str, Any], village: str | None) -> Heard:
        """Fields of a form instead of words."""
        stage = number(pick(raw, "stage_m", "level_m"))
        gauge = words(pick(raw, "gauge", "station"))
        water = words(raw.get("water"))
        gauge = self.names.get(gauge, gauge) if gauge else self.staffs.get(village or "")
        return Heard(
            gauge, stage, bool(raw.get("above_sea")), water if water in (*SEEN_LEVEL, "falling") else None
        )

    def _stage(self, heard: Heard, at: datetime) -> Iterable[Reading]:
        if heard.stage_m is None or heard.gauge is None:
            return
        known = gazetteer().gauges.get(heard.gauge)
        values = {Quantity.WATER_LEVEL if heard.above_sea else Quantity.STAGE: heard.stage_m}
        if not heard.above_sea and heard.gauge in self.zero_m:
            values[Quantity.WATER_LEVEL] = round(heard.stage_m + self.zero_m[heard.gauge], 3)
        for quantity, value in values.items():
            plausible(quantity, value)
            yield Observation(
                source=self.name, station=heard.gauge, quantity=quantity, value=value, unit=UNITS[quantity],
                observed_at=at, tambon=known.tambon if known else None, station_name=known.th if known else None,
            )  # fmt: skip

    def _water(self, heard: Heard, village: str | None, at: datetime) -> Iterable[Reading]:
        level = SEEN_LEVEL.get(heard.water or "")
        if level is None or village is None:
            return
        yield Observation(
            source=self.name, station=village, quantity=Quantity.WATER_SEEN, value=level,
            unit=UNITS[Quantity.WATER_SEEN], observed_at=at, tambon=village[:6],
        )  # fmt: skip


_WHICH_GAUGE = "เสาวัดใด ใส่รหัสหรือชื่อ เช่น X.170 1.35 ม. (which gauge? write its code or name: X.170 1.35 m)"
_WHY_NOTHING = (
    "ไม่มีค่าระดับน้ำหรือหมู่บ้านที่น้ำถึง เช่น X.170 1.35 ม. หรือ น้ำเข้าบ้าน หมู่ 5"
    " (neither a reading nor a village with water; write X.170 1.35 m, or water in homes Moo 5)"
)


def _village(told: Any) -> str | None:
    """An eight-digit code of ours, or of another province; None for anything else."""
    code = words(told)
    if code is None or not re.fullmatch(r"\d{8}", code, re.ASCII):
        return None
    try:
        return gazetteer().village(code).code
    except UnknownPlace:
        return None if code.startswith("93") else code
