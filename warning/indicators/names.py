"""What a rule may look at beside raw readings: the name of each, its words, its unit, and the readings it is made of."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from sources.contract import Quantity


class Indicator(StrEnum):
    RAIN_1H = "rain_1h"
    RAIN_3H = "rain_3h"
    RAIN_6H = "rain_6h"
    RAIN_12H = "rain_12h"
    RAIN_24H = "rain_24h"
    RAIN_72H = "rain_72h"
    ANTECEDENT_RAIN = "antecedent_rain_mm"
    WATER_LEVEL = "water_level"
    STAGE = "stage"
    FREEBOARD = "freeboard_m"
    RISE = "rise_m_per_h"
    TIME_TO_BANK = "time_to_bank_h"
    PERCENT_FULL = "percent_full"
    FORECAST_RAIN_6H = "forecast_rain_6h"
    FORECAST_RAIN_24H = "forecast_rain_24h"
    FORECAST_RAIN_72H = "forecast_rain_72h"
    FORECAST_DISCHARGE = "forecast_discharge"
    WIND_SETUP = "wind_setup_m"


class Words(NamedTuple):
    th: str
    en: str
    unit: str
    unit_th: str


WORDS: Mapping[Indicator, Words] = {
    Indicator.RAIN_1H: Words("ฝน 1 ชม.", "rain in 1 h", "mm", "มม."),
    Indicator.RAIN_3H: Words("ฝน 3 ชม.", "rain in 3 h", "mm", "มม."),
    Indicator.RAIN_6H: Words("ฝน 6 ชม.", "rain in 6 h", "mm", "มม."),
    Indicator.RAIN_12H: Words("ฝน 12 ชม.", "rain in 12 h", "mm", "มม."),
    Indicator.RAIN_24H: Words("ฝน 24 ชม.", "rain in 24 h", "mm", "มม."),
    Indicator.RAIN_72H: Words("ฝน 72 ชม.", "rain in 72 h", "mm", "มม."),
    Indicator.ANTECEDENT_RAIN: Words("ดัชนีฝนสะสม 3 วัน", "3-day antecedent rain index", "mm", "มม."),
    Indicator.WATER_LEVEL: Words("ระดับน้ำ", "water level", "m MSL", "ม.รทก."),
    Indicator.STAGE: Words("ระดับน้ำที่เสา", "stage", "m", "ม."),
    Indicator.FREEBOARD: Words("เหลือถึงตลิ่ง", "room below the bank", "m", "ม."),
    Indicator.RISE: Words("น้ำขึ้นชั่วโมงละ", "rate of rise", "m/h", "ม./ชม."),
    Indicator.TIME_TO_BANK: Words("ถึงตลิ่งใน", "time to the bank", "h", "ชม."),
    Indicator.PERCENT_FULL: Words("น้ำเต็มลำน้ำร้อยละ", "channel full", "%", "%"),
    Indicator.FORECAST_RAIN_6H: Words("ฝนคาดหมาย 6 ชม.", "rain forecast for 6 h", "mm", "มม."),
    Indicator.FORECAST_RAIN_24H: Words("ฝนคาดหมาย 24 ชม.", "rain forecast for 24 h", "mm", "มม."),
    Indicator.FORECAST_RAIN_72H: Words("ฝนคาดหมาย 72 ชม.", "rain forecast for 72 h", "mm", "มม."),
    Indicator.FORECAST_DISCHARGE: Words(
        "ปริมาณน้ำสูงสุดคาดหมาย", "highest discharge forecast", "m3/s", "ลบ.ม./วินาที"
    ),
    Indicator.WIND_SETUP: Words("น้ำทะเลสาบยกตัวเพราะลม", "wind set-up of the lake", "m", "ม."),
}

# Hours a rain sum or a forecast looks at.
RAIN_HOURS: Mapping[Indicator, int] = {
    Indicator.RAIN_1H: 1, Indicator.RAIN_3H: 3, Indicator.RAIN_6H: 6, Indicator.RAIN_12H: 12,
    Indicator.RAIN_24H: 24, Indicator.RAIN_72H: 72,
}  # fmt: skip
FORECAST_HOURS: Mapping[Indicator, int] = {
    Indicator.FORECAST_RAIN_6H: 6, Indicator.FORECAST_RAIN_24H: 24, Indicator.FORECAST_RAIN_72H: 72,
    Indicator.FORECAST_DISCHARGE: 72,
}  # fmt: skip
# Told sums of rain and how many hours each covers, longest first; RAIN_TODAY covers what is gone of its day.
RAIN_SPANS: Mapping[Quantity, float] = {
    Quantity.RAIN_24H: 24.0, Quantity.RAIN_12H: 12.0, Quantity.RAIN_3H: 3.0, Quantity.RAIN_1H: 1.0,
    Quantity.RAIN_15M: 0.25,
}  # fmt: skip
_LEVEL = (Quantity.WATER_LEVEL,)
_NEEDS: Mapping[Indicator, tuple[Quantity, ...]] = {
    Indicator.ANTECEDENT_RAIN: (*RAIN_SPANS, Quantity.RAIN_TODAY),
    Indicator.WATER_LEVEL: _LEVEL, Indicator.STAGE: (Quantity.STAGE,), Indicator.FREEBOARD: _LEVEL,
    Indicator.RISE: (Quantity.WATER_LEVEL, Quantity.STAGE), Indicator.TIME_TO_BANK: _LEVEL,
    Indicator.PERCENT_FULL: _LEVEL,
    Indicator.FORECAST_RAIN_6H: (Quantity.RAIN_1H, Quantity.RAIN_24H),
    Indicator.FORECAST_RAIN_24H: (Quantity.RAIN_1H, Quantity.RAIN_24H),
    Indicator.FORECAST_RAIN_72H: (Quantity.RAIN_1H, Quantity.RAIN_24H),
    Indicator.FORECAST_DISCHARGE: (Quantity.DISCHARGE,),
    Indicator.WIND_SETUP: (Quantity.WIND_SPEED, Quantity.WIND_DIRECTION),
}  # fmt: skip
OBSERVED = tuple(i for i in Indicator if i not in FORECAST_HOURS)  # these the board and `series` make


def needs(indicator: Indicator) -> tuple[Quantity, ...]:
    """The readings it is made of, for a forecast the quantities forecast. Any of a rain sum's will do; a wind set-up
    needs both of its own; a rate of rise takes the water level, or the stage of a gauge that tells no water level."""
    hours = RAIN_HOURS.get(indicator)
    if hours is None:
        return _NEEDS[indicator]
    return (*(q for q, span in RAIN_SPANS.items() if span <= hours), Quantity.RAIN_TODAY)
