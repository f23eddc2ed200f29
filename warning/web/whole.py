"""What is never broken over two lines: a number with its unit, a name of a place, words the browser's dictionary cuts wrongly.

Thai is written without spaces and each browser cuts it by its own word list; Chromium's cuts ผู้|ป่วย and ผลกระ|ทบ.
"""

import re

from markupsafe import Markup, escape

from geo.when import THAI_MONTHS_SHORT

_MONTHS = "|".join(re.escape(month) for month in THAI_MONTHS_SHORT)
_WORDS = (
    "ฝึกซ้อม", "ไม่ใช่เหตุจริง", "ผู้ป่วย", "ผู้สูงอายุ", "ผู้ใหญ่บ้าน", "ผู้รับผิดชอบ", "ตรวจสอบ", "ผลกระทบ", "ได้รับ",
    "อันตรายสูงสุด", "เสี่ยงอันตรายสูง", "เสี่ยงอันตราย", "ความช่วยเหลือ", "ทั้งตำบล", "เดินทาง", "หลังคาเรือน", "ภาคสนาม",
    "หอกระจายข่าว",
)  # fmt: skip
_PIECES = (
    r"[^\s(]*\d-\d[^\s)]*",  # numbers of alerts and telephones
    rf"\d{{1,2}} (?:{_MONTHS})(?: \d{{4}})?",
    r"\d[\d,.:]* ?(?:น\.|นาที|ชม\.|ตำบล|ม\.รทก\.|ม\./ชม\.|มม\.|ม\.|คน|หลัง(?!คา)|บาท|%)",
    r"(?<![ก-๎])[ตอจ]\.[ก-๎]+",
    *_WORDS,
)
_WHOLE = re.compile(rf"\(?(?:{'|'.join(_PIECES)})[):,]*")  # a bracket or colon stays with what it belongs to


def kept(text: str) -> Markup:
    """The text as HTML, each such piece in one `.name`, which the style sheets hold together."""
    return Markup(_WHOLE.sub(r'<span class="name">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped one step before
