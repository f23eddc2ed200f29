"""A study as the office writes it: which series, what really happened, and which rules or method are to be tried."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from geo.errors import ConfigError

_LARGEST = 1_000_000  # bytes of a study; it is a page, not a series


def _as_text(code: object) -> object:
    """YAML reads a bare 795 as a number; a station's code is text."""
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else code


Code = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Column(_Part):
    """What one column of a file holds."""

    station: Code
    quantity: str = Field(min_length=1)  # a word of sources.contract.Quantity, or the study's own
    unit: str = ""


class SeriesFile(_Part):
    """A file of one row a time (CSV with a header)."""

    file: Path
    time: Code  # the column
    timezone: str | None = None  # of times without an offset: Asia/Bangkok, +07:00, UTC
    columns: dict[Code, Column] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_zone(self) -> "SeriesFile":
        if self.timezone is not None:
            zone_of(self.timezone)
        return self


class Truth(_Part):
    """What counts as having happened: the water of this station reached this height, in the unit of its column."""

    station: Code
    quantity: str
    at_or_above: float = Field(allow_inf_nan=False)
    separate: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))


class Study(_Part):
    """Exactly one of `rules` and `method`. Settings may be learned from `fit` only."""

    name: str = ""
    series: tuple[SeriesFile, ...] = Field(min_length=1)
    fit: tuple[SeriesFile, ...] = ()
    truth: Truth
    rules: Path | None = None
    method: Literal["threshold", "lead"] | None = None
    rule: str | None = None  # of `rules`, the one to score; without it all that watch the truth's station
    level: str | None = None  # of the rule; without it any
    people: int | None = Field(default=None, ge=0)  # who hear the alert: for false people-hours

    @model_validator(mode="after")
    def _one_way(self) -> "Study":
        if (self.rules is None) == (self.method is None):
            raise ValueError(
                "write either `rules: FILE` or `method: threshold` or `method: lead`, one of them"
            )
        for name in ("series", "fit"):
            _check_truth_there(self, name)
        return self


def _check_truth_there(study: Study, part: str) -> None:
    files: tuple[SeriesFile, ...] = getattr(study, part)
    known = {(c.station, c.quantity) for f in files for c in f.columns.values()}
    if files and (study.truth.station, study.truth.quantity) not in known:
        near = ", ".join(f"{s} {q}" for s, q in sorted(known))
        raise ValueError(
            f"truth: no column of `{part}` is {study.truth.station} {study.truth.quantity}; there are {near}"
        )


def read_study(path: Path) -> Study:
    """The study, its files found beside it. Raises ConfigError with one line a mistake: where, what, how to mend."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: อ่านไม่ได้ / cannot be read ({error.strerror})") from error
    if len(body) > _LARGEST:
        raise ConfigError(f"{path.name}: {len(body)} bytes; a study is a page, put the series into files")
    try:
        raw = yaml.safe_load(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name}: is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ConfigError(f"{path.name}: is nested too deeply to be a study") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path.name}: holds no study; write series:, truth: and method: or rules:")
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path.name}: {line}" for line in _mistakes(error))) from error
    beside = path.parent
    return study.model_copy(
        update={
            "series": tuple(_placed(f, beside) for f in study.series),
            "fit": tuple(_placed(f, beside) for f in study.fit),
            "rules": None if study.rules is None else _found(study.rules, beside),
            "name": study.name or path.stem,
        }
    )


def _mistakes(error: ValidationError) -> Iterator[str]:
    errors = error.errors()
    deeper = {tuple(one["loc"][:1]) for one in errors if len(one["loc"]) > 1}
    for one in errors:
        if one["type"] == "too_short" and tuple(one["loc"]) in deeper:
            continue  # only because what stood there was refused, which is told
        where = ".".join(map(str, one["loc"]))
        text = one["msg"].removeprefix("Value error, ")
        if one["type"] == "missing":
            text = "is missing; add it"
        elif one["type"] == "extra_forbidden":
            text = "is no key of a study; is it misspelt?"
        yield f"{where}: {text}" if where else text


def _placed(file: SeriesFile, beside: Path) -> SeriesFile:
    return file.model_copy(update={"file": _found(file.file, beside)})


def _found(file: Path, beside: Path) -> Path:
    """Beside the study; else from the folder one stands in."""
    return beside / file if (beside / file).exists() else file


def zone_of(name: str) -> tzinfo:
    """Raises ValueError for what is no zone."""
    text = name.strip()
    if text.upper() in ("UTC", "Z", "GMT"):
        return UTC
    if text[:1] in "+-" and text:
        try:
            offset = datetime.strptime(text, "%z").utcoffset()
        except ValueError:
            offset = None
        if offset is not None:
            return timezone(offset)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"timezone: `{name}` is no zone; write Asia/Bangkok, +07:00 or UTC") from error


def as_written(study: Study) -> dict[str, Any]:
    """What of the study belongs on its card: names of files, not their places."""
    how = study.rules.name if study.rules else study.method
    return {"name": study.name, "series": [f.file.name for f in study.series], "fit": [f.file.name for f in study.fit],
            "truth": study.truth.model_dump(mode="json"), "how": how}  # fmt: skip
