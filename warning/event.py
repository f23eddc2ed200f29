"""The hazards that ship: each with words, codes and rules. An office adds its own by config (`warning.hazards`)."""

from enum import StrEnum


class Event(StrEnum):
    """Which words an alert is written with."""

    FLOOD = "river_overflow"
    FLASH_FLOOD = "flash_flood"
    LAKE_FLOOD = "lake_flood"
    HEAVY_RAIN = "heavy_rain"
    LANDSLIDE = "landslide"
    RESERVOIR_RELEASE = "reservoir_release"
    STORM = "storm"
    EARTHQUAKE = "earthquake"
    TSUNAMI = "tsunami"
    HEAT = "heat"
    AIR_QUALITY = "air_quality"
