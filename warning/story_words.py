"""The states of a delivery and the answers of people, as the story says them."""

from typing import NamedTuple


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
