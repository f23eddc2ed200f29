"""One sheet of A4 in Thai for whoever goes from door to door: number, house, help needed, boxes to tick, room to write."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from geo.when import thai_text, utc
from warning.alert import Alert, Mode
from warning.door_knock import OpenRow
from warning.door_knock_sheet import DoorKnockSheet
from warning.pdf import a4, as_bytes, heading, paragraph, table
from warning.web.catalogue import say
from warning.web.console.names import plain, tambon_name, village_name
from warning.words.phrases import EXERCISE_FRONT


def as_pdf(alert: Alert, sheet: DoorKnockSheet, rows: Sequence[OpenRow], told: Any, now: datetime) -> bytes:
    """told: the office's settings (name_th, phone). now: aware UTC. The foot says whom to give the paper back to."""
    code = sheet.village_code
    title = f"{say('th', 'dk_sheet', n=sheet.nth)} {village_name(code, 'th')} ต.{tambon_name(code[:6], 'th')}"
    pdf = a4(title, foot=f"{told.name_th} โทร {told.phone} · {alert.number} · {say('th', 'dk_give_back')}")
    pdf.set_creation_date(utc(now))
    pdf.add_page()
    if alert.mode is Mode.EXERCISE:
        paragraph(pdf, EXERCISE_FRONT.th, 12, bold=True)
    heading(pdf, title)
    paragraph(pdf, f"{alert.number} · {thai_text(now)} · {say('th', 'dk_homes', n=sheet.homes)}")
    paragraph(pdf, plain(alert.words["instruction_th"]).splitlines()[0], 12, bold=True)
    paragraph(pdf, say("th", "dk_how"))
    paragraph(pdf, say("th", "dk_taken_blank"))
    pdf.ln(2)
    box = "[  ]"
    cells = [
        [
            str(one.row.nth), one.code, one.house_no, " ".join(say("th", f"need_{n.value}") for n in one.needs), box, box, box,
            "",
        ]
        for one in rows
    ]  # fmt: skip
    heads = [
        "#",
        *(
            say("th", f"dk_{n}")
            for n in ("code", "house", "needs", "told", "no_answer", "need_help", "people")
        ),
    ]
    table(pdf, heads, cells, (8, 22, 22, 44, 18, 26, 18, 24), points=10, least_mm=10)
    pdf.ln(2)
    paragraph(pdf, say("th", "dk_unlisted"))
    return as_bytes(pdf)
