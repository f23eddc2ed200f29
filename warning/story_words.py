"""What the story says of readings, deliveries, answers, water, missions and payments, in both languages."""

from typing import NamedTuple

from geo.gazetteer import gazetteer
from sources.contract import Quantity
from teams.relief.payment import Method, Payment, PaymentState
from teams.response.mission import MissionKind
from teams.response.village_water import WaterState
from warning.subject import quantity_words
from warning.words.one_language import one_language


class Said(NamedTuple):
    """One line of the story in both languages."""

    th: str
    en: str


STATES = {
    "planned": Said("รอส่ง", "waiting to be sent"),
    "handed_over": Said("ยื่นให้ผู้ให้บริการแล้ว ยังไม่ยืนยัน", "handed over, not confirmed"),
    "accepted": Said("ส่งแล้ว ยังไม่ยืนยัน", "sent, not confirmed"),
    "delivered": Said("ถึงเครื่องแล้ว", "reached the phone"),
    "confirmed": Said("ยืนยันแล้ว", "confirmed"),
    "failed": Said("ส่งไม่สำเร็จ", "failed"),
    "expired": Said("หมดเวลา ไม่ได้ส่ง", "expired, not sent"),
    "suppressed": Said("ระงับ", "suppressed"),
    "refused": Said("ผู้ให้บริการไม่รับ", "refused by the carrier"),
    "unknown": Said("ไม่รู้ผล", "outcome unknown"),
}
ANSWERS = {
    "announced": Said("ประกาศแล้ว", "announced"),
    "will_announce": Said("จะประกาศ", "will announce"),
    "water_here": Said("น้ำถึงแล้ว", "water is here"),
    "safe": Said("ปลอดภัย", "safe"),
    "need_help": Said("ต้องการช่วย", "needs help"),
    "seen": Said("เห็นแล้ว", "seen"),
    "no_answer": Said("ไม่รับสาย", "no answer"),
}
# Whose homes a count is of.
VILLAGE, STRAYS = Said("หมู่บ้าน", "village"), Said("ไม่รู้หมู่บ้าน", "village unknown")
WAYS = {
    "sms": Said("ข้อความ SMS", "SMS"),
    "line": Said("ไลน์", "LINE"),
    "link": Said("ลิงก์", "link"),
    "phone": Said("โทรศัพท์", "telephone"),
    "radio": Said("วิทยุ", "radio"),
    "paper": Said("คนมาบอก", "messenger"),
    "tower": Said("หอกระจายข่าว", "loudspeaker"),
    "village_pa": Said("หอกระจายข่าว", "loudspeaker"),
    "keyholder": Said("ผู้ถือกุญแจหอกระจายข่าว", "loudspeaker key-holder"),
    "notebook": Said("สมุดบันทึก ยังไม่ได้ส่งจริง", "notebook, nothing was sent"),
}
WATERS = {
    WaterState.NONE: Said("ไม่มีน้ำ", "no water"),
    WaterState.ON_ROAD: Said("น้ำบนถนน", "water on the road"),
    WaterState.IN_HOMES: Said("น้ำเข้าบ้าน", "water in homes"),
    WaterState.CUT_OFF: Said("ทางขาด เข้าออกไม่ได้", "cut off"),
    WaterState.FALLING: Said("น้ำกำลังลด", "falling"),
}
KINDS = {
    MissionKind.TELL_VILLAGE: "tell the village",
    MissionKind.SILENT_HOMES: "knock at the silent homes",
    MissionKind.VULNERABLE_HOME: "a home whose people cannot leave alone has not confirmed",
    MissionKind.RESCUE: "a call for help",
    MissionKind.CALL_INSTITUTION: "ring the institution",
}
METHODS = {
    Method.PROMPTPAY: Said("พร้อมเพย์", "PromptPay"),
    Method.BANK: Said("บัญชีธนาคาร", "bank account"),
    Method.CHEQUE: Said("เช็ค", "cheque"),
    Method.CASH: Said("เงินสด", "cash"),
}


def measured(station: str, quantity: object, value: float) -> Said:
    """A reading with the gauge's name and the unit of its quantity (m above mean sea level, mm, m3/s)."""
    gauge = gazetteer().gauges.get(station)
    th, en = (f"{gauge.th} {station}", f"{gauge.en} {station}") if gauge else (station, station)
    if quantity not in set(Quantity):
        return Said(f"{th} {value:g}", f"{en} {value:g}")
    name_th, name_en, unit_th, unit_en = quantity_words(Quantity(str(quantity)))
    return Said(f"{th} {name_th} {value:.2f} {unit_th}", f"{en} {name_en} {value:.2f} {unit_en}")


def judged(rule: str, why: str) -> Said:
    """What a rule found, each language by itself."""
    return Said(f"{one_language(why, 'th')} (กฎ {rule})", f"{one_language(why, 'en')} (rule {rule})")


def settled(payment: Payment) -> Said:
    """What was paid, or was not, and how (baht)."""
    how, paid = METHODS[payment.method], payment.state is PaymentState.PAID
    return Said(
        f"{'จ่ายแล้ว' if paid else 'จ่ายไม่สำเร็จ'} {payment.amount:,} บาท ({how.th})",
        f"{'paid' if paid else 'payment failed'} {payment.amount:,} baht ({how.en})",
    )
