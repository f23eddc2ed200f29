"""The answer of Open-Meteo's services, which all have one shape: blocks of parallel arrays for a place, or a fault in words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from sources.checks import Implausible
from sources.contract import SourceChanged

GRID_DEGREES = 0.3  # models snap to their own grid, the coarsest about a quarter of a degree

Lat = Annotated[float, Field(ge=-90, le=90)]
Lon = Annotated[float, Field(ge=-180, le=180)]


class Place(BaseModel):
    latitude: Lat
    longitude: Lon
    utc_offset_seconds: Annotated[int, Field(ge=-50_400, le=50_400)]  # times are wall times of this offset
    hourly: dict[str, list[Any]] = {}
    hourly_units: dict[str, Any] = {}
    daily: dict[str, list[Any]] = {}
    daily_units: dict[str, Any] = {}

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(seconds=self.utc_offset_seconds))

    def is_near(self, lat: float, lon: float) -> bool:
        """Is this grid point the answer to a question about there? A recorded body may be of elsewhere."""
        return abs(lat - self.latitude) <= GRID_DEGREES and abs(lon - self.longitude) <= GRID_DEGREES


def place_of(body: Any, source: str) -> Place:
    """Raises SourceChanged with the service's own words, or with what is missing."""
    if isinstance(body, dict) and body.get("error"):
        raise SourceChanged(f"{source}: the service answered: {str(body.get('reason'))[:120]}")
    try:
        return Place.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceChanged(f"{source}: no forecast of a place: {where}: {first['msg']}") from None


def without_trailing_nulls(values: Sequence[Any]) -> Sequence[Any]:
    """The model has not reached the last hours yet: that is no fault, and nothing to tell."""
    end = len(values)
    while end and values[end - 1] is None:
        end -= 1
    return values[:end]


def wall_time(told: Any, zone: timezone) -> datetime:
    """Wall time of the body's offset -> aware UTC. Raises Implausible."""
    try:
        moment = datetime.fromisoformat(told)
        if moment.tzinfo is not None or not 2000 <= moment.year < 2400:
            raise ValueError
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, TypeError):
        raise Implausible(f"not a time: {str(told)[:40]!r}") from None
