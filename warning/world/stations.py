"""The instruments of the simulated night: names, places, bed and bank as the public feed gives them.

Source of every fact: rows of province 93 in ThaiWater's public waterlevel_load and rain_24h of
2024-10-09 (api-v3.thaiwater.net), entered again here. Levels are metres above mean sea level, `bank_m`
is `min_bank`.
"""

from typing import NamedTuple


class Agency(NamedTuple):
    id: int
    short_th: str
    short_en: str
    th: str
    en: str


HII = Agency(
    9,
    "สสน.",
    "HII",
    "สถาบันสารสนเทศทรัพยากรน้ำ (องค์การมหาชน)",
    "Hydro – Informatics Institute (Public Organization)",
)
RID = Agency(12, "ชป.", "RID", "กรมชลประทาน ", "Royal Irrigation Department")  # the feed's own trailing space
FOP = Agency(
    91,
    "พพภ",
    "FOP",
    "มูลนิธิอาสาเพื่อนพึ่ง (ภาฯ) ยามยาก สภากาชาดไทย",
    "Friend in Need (of “Pa”) Volunteers Foundation",
)
DWR = Agency(10, "ทน.", "DWR", "กรมทรัพยากรน้ำ ", "Department of Water Resources")
DDPM = Agency(
    8, "ปภ.", "DDPM", "กรมป้องกันและบรรเทาสาธารณภัย", "Department of Disaster Prevention and Mitigation"
)


class Gauge(NamedTuple):
    code: str
    id: int
    th: str
    en: str | None  # RID rows carry no English name at all
    lat: float
    lon: float
    agency: Agency
    bed_m: float | None  # None: such a station has no percent and no situation level in the feed
    bank_m: float
    left_m: float | None
    right_m: float | None
    tambon: str
    amphoe_th: str
    tambon_th: str


class RainGauge(NamedTuple):
    code: str
    id: int
    th: str
    lat: float
    lon: float
    agency: Agency
    amphoe_th: str
    tambon_th: str


def _by_code(*rows: Gauge) -> dict[str, Gauge]:
    return {row.code: row for row in rows}


# X.170 and MDC005 stand 15 m apart on Khlong Na Thom, each with its own bed and bank: never to be mixed.
GAUGES = _by_code(
    Gauge("MOU510", 1130137, "น้ำตกโตนแพรทอง", "Ton Phrae Thong Waterfall", 7.484201, 99.89188, FOP,
          395.5, 399.5, 399.5, 399.5, "930201", "กงหรา", "กงหรา"),
    Gauge("X.170", 2597, "บ้านคลองลำ", None, 7.55901, 99.987556, RID,
          8.355, 25.2, 28.854, 29.063, "930112", "เมืองพัทลุง", "ร่มเมือง"),
    Gauge("MDC005", 870, "คลองนาท่อม", "Khlong Na Thom", 7.558882, 99.98751, HII,
          16.28, 29.28, 29.28, 29.28, "930112", "เมืองพัทลุง", "ร่มเมือง"),
    Gauge("X.68", 2563, "บ้านท่าแค", None, 7.56871, 100.0485, RID,
          12.053, 15.6, 18.339, 18.585, "930108", "เมืองพัทลุง", "ท่าแค"),
    Gauge("PLG001", 1126506, "สะพานข้ามคลองบ้านท่าวัง", "Ban Tha Wang Canal Bridge", 7.37653, 100.10041, HII,
          13.757, 22.21, 22.209, 22.672, "930301", "เขาชัยสน", "เขาชัยสน"),
    Gauge("ONE025", 1109514, "สะพานข้ามคลองลำปำ", "Lampam Canal Bridge", 7.622818, 100.14691, HII,
          -2.252, 1.37, 1.95, 1.372, "930109", "เมืองพัทลุง", "ลำปำ"),
    Gauge("ONE024", 1109513, "สะพานข้ามคลองบางม่วง", " ", 7.365281, 100.27959, HII,
          -2.958, 1.16, 1.158, 1.403, "930605", "ปากพะยูน", "ฝาละมี"),
    Gauge("X.267", 2594, "บ้านแม่ขรี", None, 7.33842, 100.109978, RID,
          20.434, 26.52, 27.876, 27.92, "930401", "ตะโหมด", "แม่ขรี"),
    Gauge("X.276", 1095876, "บ้านเขาปู่", None, 7.70724, 99.841743, RID,
          50.004, 53.9, 57.02, 57.017, "930702", "ศรีบรรพต", "เขาปู่"),
    Gauge("FOP038", 740739, "สะพานบ้านแหลมโตนด", "Ban Laem Tanot Bridge", 7.817578, 100.047554, FOP,
          0.2887, 3.94, 4.0297, 3.9357, "930506", "ควนขนุน", "แหลมโตนด"),
    Gauge("FOP039", 740740, "สะพานท่าสำเภา", "Tha Samphao Bridge", 7.729618, 100.10794, FOP,
          -4.8004, 1.33, 1.3336, 2.2536, "930512", "ควนขนุน", "พนางตุง"),
)  # fmt: skip

RAIN_GAUGES = {
    row.code: row
    for row in (
        RainGauge("STN0103", 2070, "บ้านนาวง", 7.587054, 99.857664, DWR, "ศรีนครินทร์", "บ้านนา"),
        RainGauge("STN2056", 1123894, "บ้านลำสินธุ์เหนือ*", 7.511499, 99.935121, DWR, "ศรีนครินทร์", "ลำสินธุ์"),
        RainGauge("STN1609", 1080898, "บ้านห้วยไทร", 7.629687, 99.921343, DWR, "ศรีนครินทร์", "ชุมพล"),
        RainGauge("MOU134", 855524, "น้ำตกเขาคราม", 7.515903, 99.878586, FOP, "ศรีนครินทร์", "ลำสินธุ์"),
        RainGauge("MOU510", 1130137, "น้ำตกโตนแพรทอง", 7.484201, 99.89188, FOP, "กงหรา", "กงหรา"),
        RainGauge("STN0511", 2063, "บ้านโคกไทร", 7.381537, 99.956491, DWR, "กงหรา", "คลองเฉลิม"),
        RainGauge("TD32", 1119593, "วัดบ้านนา", 7.56261, 99.91366, DDPM, "ศรีนครินทร์", "บ้านนา"),
        RainGauge("MDC005", 870, "คลองนาท่อม", 7.558882, 99.98751, HII, "เมืองพัทลุง", "ร่มเมือง"),
        RainGauge("SWR033", 13900, "ทม.พัทลุง", 7.618275, 100.07372, HII, "เมืองพัทลุง", "คูหาสวรรค์"),
        RainGauge("ONE025", 1109514, "สะพานข้ามคลองลำปำ", 7.622818, 100.14691, HII, "เมืองพัทลุง", "ลำปำ"),
    )
}
