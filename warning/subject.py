"""What a rule may watch of a station, with its name and unit in both languages."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sources.contract import UNITS, Quantity
from warning.indicators.names import OBSERVED, WORDS, Indicator

Quality = Literal["good", "suspect"]  # suspect: also what quality control doubts, never what it calls bad
GOOD: Quality = "good"

_NAMES: Mapping[str, tuple[str, str]] = {
    "water_level": ("ระดับน้ำ", "water level"),
    "stage": ("ระดับน้ำที่เสา", "stage"),
    "discharge": ("ปริมาณน้ำ", "discharge"),
    "rain_15m": ("ฝน 15 นาที", "rain in 15 min"),
    "rain_1h": ("ฝน 1 ชม.", "rain in 1 h"),
    "rain_3h": ("ฝน 3 ชม.", "rain in 3 h"),
    "rain_6h": ("ฝน 6 ชม.", "rain in 6 h"),
    "rain_12h": ("ฝน 12 ชม.", "rain in 12 h"),
    "rain_24h": ("ฝน 24 ชม.", "rain in 24 h"),
    "rain_72h": ("ฝน 72 ชม.", "rain in 72 h"),
    "rain_today": ("ฝนตั้งแต่ 07:00 น.", "rain since 07:00"),
    "storage": ("น้ำในอ่าง", "storage"),
    "storage_percent": ("น้ำในอ่าง", "storage"),
    "inflow": ("น้ำไหลเข้าอ่าง", "inflow"),
    "release": ("น้ำระบายจากอ่าง", "release"),
    "sea_level": ("ระดับน้ำทะเล", "sea level"),
    "wind_speed": ("ความเร็วลม", "wind speed"),
    "wind_direction": ("ทิศลม", "wind direction"),
    "air_temperature": ("อุณหภูมิ", "air temperature"),
    "humidity": ("ความชื้น", "humidity"),
    "pressure": ("ความกดอากาศ", "pressure"),
    "heat_index": ("ดัชนีความร้อน", "heat index"),
    "pm25": ("PM2.5", "PM2.5"),
    "pm25_24h": ("PM2.5 24 ชม.", "PM2.5 in 24 h"),
    "soil_moisture": ("ความชื้นดิน", "soil moisture"),
    "flooded_area": ("พื้นที่น้ำท่วม", "flooded area"),
    "flooded_km2": ("พื้นที่น้ำท่วม", "flooded area"),
    "water_seen": ("น้ำที่คนในหมู่บ้านเห็น", "water people see"),
    "bank_level": ("ระดับตลิ่ง", "bank"),
    "bed_level": ("ระดับท้องน้ำ", "bed"),
}
_UNITS_TH: Mapping[str, str] = {
    "m": "ม.", "mm": "มม.", "m3/s": "ลบ.ม./วินาที", "million m3": "ล้าน ลบ.ม.", "million m3/d": "ล้าน ลบ.ม./วัน",
    "m/s": "ม./วินาที", "deg": "องศา", "degC": "องศาเซลเซียส", "ug/m3": "มคก./ลบ.ม.",
    "km2": "ตร.กม.", "level": "(1 ถนน 2 บ้าน 3 ตัดขาด)",
}  # fmt: skip
_RAIN = ("rain_", "antecedent_rain")
_ELSEWHERE = (
    Indicator.WATER_LEVEL,
    Indicator.STAGE,
    Indicator.WIND_SETUP,
)  # readings, or of no gauge of ours
INDICATORS = tuple(
    str(i) for i in OBSERVED if i not in _ELSEWHERE
)  # what a rule may look at (warning/indicators)


class Subject(NamedTuple):
    """What is watched of a station. `quality`: the worst verdict a reading may carry."""

    kind: str  # quantity | indicator, of an instrument; bulletin | forecast | around, of a place
    name: str
    quality: str = GOOD
    beyond: tuple[str, float] | tuple[()] = ()  # of an indicator: side and limit, for what gaps may hide
    of: tuple[
        str, ...
    ] = ()  # kinds of sources; none: all. From here on of a place, see warning/place_looks.py
    km: float = 0.0  # how far from the place
    hours: float = 0.0  # ahead of a forecast; how long a bulletin counts
    chance: float = -1.0  # of an ensemble; -1: the one best value

    @property
    def measure(self) -> str:
        """Which instrument of the gazetteer gives it; of a place none need."""
        return "rain" if self.name.startswith(_RAIN) else "level"


def subject_words(subject: Subject) -> tuple[str, str, str, str]:
    """Thai name, English name, Thai unit, English unit."""
    if subject.kind in PLACE_KINDS:
        return _of_place(subject)
    if subject.kind == "indicator":
        words = WORDS[Indicator(subject.name)]
        return words.th, words.en, words.unit_th, words.unit
    th, en = _NAMES[subject.name]
    unit = UNITS[Quantity(subject.name)]
    if subject.name == "water_level":
        return th, en, "ม.รทก.", "m MSL"
    return th, en, _UNITS_TH.get(unit, unit), unit


def quantity_words(quantity: Quantity) -> tuple[str, str, str, str]:
    """Thai name, English name, Thai unit, English unit."""
    return subject_words(Subject("quantity", quantity.value))


PLACE_KINDS = ("bulletin", "forecast", "around")
_MEASURES = {
    "severity": (
        "ระดับประกาศ (1 ต่ำ 2 ปานกลาง 3 รุนแรง 4 รุนแรงมาก)",
        "severity of bulletins (1 minor to 4 extreme)",
    ),
    "magnitude": ("ขนาดแผ่นดินไหว", "magnitude of earthquakes"),
}


def _of_place(subject: Subject) -> tuple[str, str, str, str]:
    if subject.kind == "bulletin":
        th, en = _MEASURES[subject.name.rpartition("_")[2]]
        near_th, near_en = (
            (f" ในระยะ {subject.km:g} กม.", f" within {subject.km:g} km") if subject.km else ("", "")
        )
        return th + near_th, en + near_en, "", ""
    th, en, unit_th, unit_en = subject_words(Subject("quantity", subject.name))
    if subject.kind == "around":
        return f"{th} ในระยะ {subject.km:g} กม.", f"{en} within {subject.km:g} km", unit_th, unit_en
    odds_th = f" (โอกาส {100 * (1 - subject.chance):.0f}% ที่จะสูงกว่านี้)" if subject.chance >= 0 else ""
    odds_en = f" ({100 * (1 - subject.chance):.0f} % chance of more)" if subject.chance >= 0 else ""
    return (
        f"{th} คาดหมายใน {subject.hours:g} ชม.{odds_th}", f"{en} forecast within {subject.hours:g} h{odds_en}", unit_th, unit_en,
    )  # fmt: skip


class Said(NamedTuple):
    """A value beside its limit, as words."""

    th: str
    en: str


def value_words(subject: Subject, value: float) -> Said:
    th, en, unit_th, unit_en = subject_words(subject)
    return Said(f"{th} {value:.2f} {unit_th}".rstrip(), f"{en} {value:.2f} {unit_en}".rstrip())
