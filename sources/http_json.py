"""A municipality's own sensors behind any address that answers JSON: the entry says where the rows are and what they mean.

Notes: docs/sources/http_json.md.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

import requests
from pydantic import JsonValue, SecretStr, model_validator

from sources import polite
from sources.contract import Payload, Reading, SourceChanged
from sources.envelope import json_of
from sources.mapped import Mapped, Row
from sources.rows import Misshapen, pick, read_each

UNSET = "unset"  # stands for the address where a file is read by hand
DEEPEST = 6


class HttpJson(Mapped):
    """Rows of JSON from one address."""

    signs: ClassVar[tuple[str, ...]] = ()  # every feed looks different

    url: str
    path: str = (
        ""  # to the list of rows, dots between: data.stations; empty: the answer itself, or the only list
    )
    headers: dict[str, SecretStr] = {}  # Authorization: ${GAUGES_TOKEN}
    params: dict[str, str] = {}
    deadline: timedelta = timedelta(seconds=30)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.url == UNSET:
            return self
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("url: begins with https:// (or http://)")
        for needed, told in (("values", self.values), ("time", self.time)):
            if not told:
                raise ValueError(f"{needed}: say which field it is; docs/sources/http_json.md has an example")
        if not (self.station or self.station_is):
            raise ValueError(
                "station: name the field with the station's code, or the one station by station_is"
            )
        return self

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        headers = {name: secret.get_secret_value() for name, secret in self.headers.items()}
        return polite.payload(
            http, self.url, now, params=self.params, headers=headers, deadline=self.deadline
        )

    def read(self, payload: Payload) -> list[Reading]:
        rows = self._rows(json_of(payload.body, self.name))

        def one(raw: JsonValue) -> Iterable[Reading]:
            if not isinstance(raw, Mapping):
                raise Misshapen("a row that is no object")
            return self.read_row(Row(raw, raw), payload.fetched_at)

        return read_each(self.name, rows, one)

    def _rows(self, told: Any) -> list[Any]:
        if self.path:
            inside = pick(told, self.path)
            if isinstance(inside, Mapping):  # one station, or stations by their codes
                return _by_key(inside)
            if not isinstance(inside, list):
                there = ", ".join(sorted(_lists(told))) or "none"
                raise SourceChanged(
                    f"{self.name}: no list of rows at `{self.path}`; lists in the answer: {there}"
                )
            return inside
        if isinstance(told, list):
            return told
        lists = _lists(told)
        if len(lists) > 1:
            raise SourceChanged(f"{self.name}: several lists ({', '.join(sorted(lists))}); declare `path`")
        if lists:
            return next(iter(lists.values()))
        if isinstance(told, Mapping) and told:
            return [told]
        raise SourceChanged(f"{self.name}: no rows in the answer")


def _by_key(inside: Mapping[str, Any]) -> list[Any]:
    """One row, or rows by their station's code, which becomes the field `key`."""
    if inside and all(isinstance(row, Mapping) for row in inside.values()):
        return [{"key": key, **row} for key, row in inside.items()]
    return [inside]


def _lists(told: Any, at: str = "", depth: int = 0) -> dict[str, list[Any]]:
    """Every list of objects, by its path; an empty list counts."""
    found: dict[str, list[Any]] = {}
    if depth > DEEPEST or not isinstance(told, Mapping):
        return found
    for key, inside in told.items():
        path = f"{at}.{key}" if at else str(key)
        if isinstance(inside, list) and all(isinstance(row, Mapping) for row in inside):
            found[path] = inside
        else:
            found |= _lists(inside, path, depth + 1)
    return found
