"""Tests beside a rule, as the office writes them: a series in, the alerts that must come out, and when.

A series is written as promtool does: values with blanks between, `_` for one that is missing. `24.6x3` is three times
24.6, `_x6` six missing ones, `23.0+0.1x10` ten values from 23.0 on, each 0.1 more than the one before (`-` for less).
"""

import re
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

_WORD = re.compile(r"(?P<first>_|-?\d+(?:\.\d+)?)(?:(?P<step>[+-]\d+(?:\.\d+)?)?x(?P<count>\d{1,4}))?")
MOST_VALUES = 5000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Expected(_Part):
    """An alert that begins (or, with `ends: true`, a danger that is over) `at` this long after the first value."""

    at: timedelta = Field(ge=timedelta(0))
    level: str | None = None  # left out: the rule's only one
    tambons: tuple[str, ...] = ()  # left out: whichever
    ends: bool = False


class RuleTest(_Part):
    """All beginnings are told in `expect`, and no other may come; ends count where at least one is told."""

    name: str = Field(min_length=3)
    every: timedelta = Field(gt=timedelta(0))  # between two values of each series, and between two looks
    start: AwareDatetime = Field(alias="from")
    series: dict[str, str] = Field(min_length=1)  # "X.170 water_level" -> its values
    expect: tuple[Expected, ...] = ()

    @model_validator(mode="after")
    def _can_be_read(self) -> "RuleTest":
        for name, written in self.series.items():
            if len(name.split()) != 2:
                raise ValueError(
                    f'series: `{name}`: write the station and what it measures, "X.170 water_level"'
                )
            expand(written)
        return self


def expand(written: str) -> list[float | None]:
    """The values of a series, None where one is missing. Raises ValueError naming the word that cannot be read."""
    values: list[float | None] = []
    for word in written.split():
        found = _WORD.fullmatch(word)
        if not found:
            raise ValueError(f"series: `{word}` is no value; write 24.6, 24.6x3, 23.0+0.1x10 or _")
        count = int(found["count"] or 1)
        if len(values) + count > MOST_VALUES:
            raise ValueError(f"series: more than {MOST_VALUES} values; a test is a short night")
        if found["first"] == "_":
            if found["step"]:
                raise ValueError(f"series: `{word}`: what is missing cannot rise; write _x3")
            values += [None] * count
            continue
        first, step = float(found["first"]), float(found["step"] or 0)
        values += [round(first + step * nth, 9) for nth in range(count)]
    return values
