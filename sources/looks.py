"""What a payload looks like, by the words in it: for whoever gave a file to the wrong reader.

Never decides how anything is read. Each source names its own signs (`Source.signs`); what no reader of ours
takes stands here.
"""

import json
from typing import NamedTuple

from sources.kinds import kinds

_LOOKED_AT = 400_000  # bytes from the start: signs stand in every row


class Look(NamedTuple):
    """A guess, in words. kind: the reader that takes it; None when none does."""

    th: str
    en: str
    kind: str | None


_FOREIGN: tuple[tuple[tuple[str, ...], str, str], ...] = (  # any sign; Thai; English. The first that fits
    (('"graph_data"',), "กราฟสถานีเดียวของ ThaiWater", "the graph of one station of ThaiWater"),
    (('"waterlevel_m"', '"watergate_'), "ประตูน้ำของ ThaiWater", "weirs and gates of ThaiWater"),
    (
        ("<rss", "<feed"),
        "ฟีด RSS หรือ Atom (ของ CAP: raksa cap feed)",
        "an RSS or Atom feed (of CAP: raksa cap feed)",
    ),
    (('"featurecollection"', '"features"'), "แผนที่ GeoJSON", "a GeoJSON map"),
    (("<html", "<!doctype html"), "หน้าเว็บ HTML", "a web page (HTML)"),
)
_PACKED = (
    (
        b"PK\x03\x04",
        "ไฟล์ zip หรือ Excel แตกไฟล์ก่อน",
        "a zip or Excel file: unpack it, or save it as the feed gave it",
    ),
    (b"\x1f\x8b", "ไฟล์ gzip แตกไฟล์ก่อน", "packed with gzip: unpack it first"),
    (b"%PDF", "ไฟล์ PDF", "a PDF"),
    (b"\x89PNG", "ไฟล์ภาพ", "a picture"),
    (b"\xff\xd8\xff", "ไฟล์ภาพ", "a picture"),
    (b"SQLite format 3", "ฐานข้อมูล SQLite", "an SQLite database"),
)


def look(body: bytes) -> Look | None:
    """What these bytes look like; None when nothing tells."""
    for start, th, en in _PACKED:
        if body.startswith(start):
            return Look(th, en, None)
    text = body[:_LOOKED_AT].decode(json.detect_encoding(body[:4]), "ignore").lstrip("\ufeff \t\r\n").lower()
    first, _, _ = text.partition("\n")
    if first.count(",") >= 3 and first[:1] not in "{[<":
        return Look("ตาราง CSV", "a table (CSV)", None)
    # The one named most often: a feed may mention another's words, its own stand in every row.
    told = {
        kind: sum(text.count(sign.lower()) for sign in source.signs)
        for kind, source in kinds().items()
        if source.signs
    }
    best = max(told, key=lambda kind: told[kind], default=None)
    if best and told[best]:
        return Look(f"ข้อมูลชนิด {best}", f"a payload of the kind {best}", best)
    for signs, th, en in _FOREIGN:
        if any(sign in text for sign in signs):
            return Look(th, en, None)
    return None


def advice(body: bytes, kind: str) -> str:
    """The sentence for whoever gave this body to the reader `kind`: Thai and English, each a line of its own.

    Empty when nothing tells, or when it is what this reader reads.
    """
    seen = look(body)
    if seen is None or seen.kind == kind:
        return ""
    if seen.kind:
        return (
            f"ดูเหมือน{seen.th}: ลอง raksa read {seen.kind} ไฟล์\n"
            f"it looks like {seen.en}: try raksa read {seen.kind} FILE"
        )
    readable = ", ".join(name for name, source in kinds().items() if source.signs)
    return (
        f"ดูเหมือน{seen.th} ไม่มีตัวอ่านสำหรับข้อมูลนี้ อ่านได้: {readable}\n"
        f"it looks like {seen.en}; no reader takes that. There are: {readable}"
    )
