"""What the words of a TMD warning mean: places named in Thai -> changwat codes, and a severity by keyword.

TMD gives neither area codes nor a severity. The keyword table is ours, not yet reviewed by TMD or the
office; a bulletin never becomes an alert by itself, so a wrong word costs a reader's glance and no alarm.
"""

import re

CHANGWAT_CODES = {
    "กรุงเทพมหานคร": "10", "สมุทรปราการ": "11", "นนทบุรี": "12", "ปทุมธานี": "13", "พระนครศรีอยุธยา": "14",
    "อ่างทอง": "15", "ลพบุรี": "16", "สิงห์บุรี": "17", "ชัยนาท": "18", "สระบุรี": "19",
    "ชลบุรี": "20", "ระยอง": "21", "จันทบุรี": "22", "ตราด": "23", "ฉะเชิงเทรา": "24",
    "ปราจีนบุรี": "25", "นครนายก": "26", "สระแก้ว": "27", "นครราชสีมา": "30", "บุรีรัมย์": "31",
    "สุรินทร์": "32", "ศรีสะเกษ": "33", "อุบลราชธานี": "34", "ยโสธร": "35", "ชัยภูมิ": "36",
    "อำนาจเจริญ": "37", "บึงกาฬ": "38", "หนองบัวลำภู": "39", "ขอนแก่น": "40", "อุดรธานี": "41",
    "เลย": "42", "หนองคาย": "43", "มหาสารคาม": "44", "ร้อยเอ็ด": "45", "กาฬสินธุ์": "46",
    "สกลนคร": "47", "นครพนม": "48", "มุกดาหาร": "49", "เชียงใหม่": "50", "ลำพูน": "51",
    "ลำปาง": "52", "อุตรดิตถ์": "53", "แพร่": "54", "น่าน": "55", "พะเยา": "56",
    "เชียงราย": "57", "แม่ฮ่องสอน": "58", "นครสวรรค์": "60", "อุทัยธานี": "61", "กำแพงเพชร": "62",
    "ตาก": "63", "สุโขทัย": "64", "พิษณุโลก": "65", "พิจิตร": "66", "เพชรบูรณ์": "67",
    "ราชบุรี": "70", "กาญจนบุรี": "71", "สุพรรณบุรี": "72", "นครปฐม": "73", "สมุทรสาคร": "74",
    "สมุทรสงคราม": "75", "เพชรบุรี": "76", "ประจวบคีรีขันธ์": "77", "นครศรีธรรมราช": "80", "กระบี่": "81",
    "พังงา": "82", "ภูเก็ต": "83", "สุราษฎร์ธานี": "84", "ระนอง": "85", "ชุมพร": "86",
    "สงขลา": "90", "สตูล": "91", "ตรัง": "92", "พัทลุง": "93", "ปัตตานี": "94",
    "ยะลา": "95", "นราธิวาส": "96",
}  # fmt: skip

# Also everyday words, or the beginning of others (เลย "at all", น่านน้ำ "waters", ตากใบ an amphoe): these
# count only as an item of a list.
AMBIGUOUS = frozenset({"เลย", "แพร่", "น่าน", "ตาก", "ตราด", "ตรัง", "ระนอง"})

# TMD counts Phetchaburi and Prachuap Khiri Khan to the eastern side of the South.
EAST_COAST = ("76", "77", "80", "84", "86", "90", "93", "94", "95", "96")
WEST_COAST = ("81", "82", "83", "85", "91", "92")
REGIONS: dict[str, tuple[str, ...]] = {
    "ภาคใต้ฝั่งตะวันออกตอนล่าง": ("90", "93", "94", "95", "96"),
    "ภาคใต้ตอนล่าง": ("90", "91", "92", "93", "94", "95", "96"),
    "ภาคใต้ตอนบน": ("80", "81", "82", "83", "84", "85", "86"),
    "ภาคใต้ฝั่งตะวันออก": EAST_COAST,
    "ภาคใต้ฝั่งตะวันตก": WEST_COAST,
    "ภาคใต้": EAST_COAST + WEST_COAST,  # only where no side is named: titles say ภาคใต้ and mean one coast
    "ทั่วประเทศ": tuple(CHANGWAT_CODES.values()),
    "ทุกภาค": tuple(CHANGWAT_CODES.values()),
}

SEVERITY_BY_KEYWORD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Extreme", ("ไต้ฝุ่น", "คลื่นพายุซัดฝั่ง", "สึนามิ", "typhoon", "storm surge", "tsunami")),
    (
        "Severe",
        ("หนักมาก", "น้ำท่วมฉับพลัน", "น้ำป่าไหลหลาก", "ดินถล่ม", "ดินโคลนถล่ม", "พายุโซนร้อน",
         "very heavy", "flash flood", "landslide", "tropical storm"),
    ),
    (
        "Moderate",
        ("ฝนตกหนัก", "ฝนหนัก", "ดีเปรสชัน", "พายุฤดูร้อน", "ลูกเห็บ", "คลื่นลมแรง",
         "heavy rain", "depression", "hail"),
    ),
    ("Minor", ("อากาศหนาว", "อุณหภูมิ", "หมอก", "cold", "fog")),
)  # fmt: skip

_BEFORE = r"(?:จังหวัด|จ\.|และ|หรือ|กับ|[\s,:(]|^)\s*"
_AFTER = r"(?=และ|หรือ|จังหวัด|[\s,.;:)]|$)"
_AMBIGUOUS = {name: re.compile(_BEFORE + name + _AFTER) for name in AMBIGUOUS}


def areas_named(text: str) -> tuple[str, ...]:
    """Changwat codes of every province and region the Thai words name, sorted. Empty when they name none."""
    told = text.replace("กรุงเทพฯ", "กรุงเทพมหานคร")
    found = {code for name, code in CHANGWAT_CODES.items() if _names(name, told)}
    rest = told
    for (
        region,
        codes,
    ) in REGIONS.items():  # the longest first, and each taken out before a shorter one is looked for
        if region in rest and not (region == "ภาคใต้" and rest != told):
            found.update(codes)
            rest = rest.replace(region, " ")
    return tuple(sorted(found))


def _names(name: str, text: str) -> bool:
    return bool(_AMBIGUOUS[name].search(text)) if name in AMBIGUOUS else name in text


def severity_of(text: str) -> str | None:
    """The CAP word of the worst keyword in Thai or English; None when no keyword is there."""
    told = text.lower()
    return next((severity for severity, words in SEVERITY_BY_KEYWORD if any(w in told for w in words)), None)
