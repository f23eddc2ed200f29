"""What the LINE account says in a conversation, in both languages: plain words, short lines."""

from typing import Any

LANGUAGES = ("th", "en")

_WORDS: dict[str, tuple[str, str]] = {
    "hello": (
        "สวัสดี นี่คือบัญชีแจ้งเตือนน้ำท่วมของ {office}\nบ้านคุณอยู่อำเภอไหน (English: พิมพ์ English)",
        "Hello, this is the flood warning account of {office}.\nIn which district do you live?",
    ),
    "which_amphoe": ("บ้านคุณอยู่อำเภอไหน", "In which district do you live?"),
    "which_tambon": ("อำเภอ{place} ตำบลไหน", "{place}: which subdistrict?"),
    "which_village": ("ตำบล{place} หมู่บ้านไหน", "{place}: which village?"),
    "near_here": (
        "หรือลงทะเบียนหมู่บ้านใกล้ที่คุณส่งมา",
        "Or register a village near the place you sent:",
    ),
    "more": ("ดูต่อ", "more"),
    "village": ("ม.{moo} {name}", "Moo {moo} {name}"),
    "done": (
        "เสร็จแล้ว: {place}\nเราจะเตือนคุณที่นี่ เปลี่ยนหมู่บ้านพิมพ์ ลงทะเบียน เลิกรับพิมพ์ ออก",
        "Done: {place}.\nWarnings come to you here. To change the village write register; to stop write leave.",
    ),
    "how_many": ("ในบ้านมีกี่คน (ข้ามได้)", "How many people are in your home? (you may skip this)"),
    "skip": ("ข้าม", "skip"),
    "or_more": ("{n} คนขึ้นไป", "{n} or more"),
    "which_need": (
        "ถ้าต้องออกจากบ้าน ต้องการให้ช่วยอะไร (กดได้ทีละข้อ ข้ามได้)",
        "If you must leave your home, what help do you need? (one at a time; you may skip this)",
    ),
    "carry": ("ต้องมีคนอุ้ม/พยุง", "somebody to carry"),
    "boat": ("เรือ", "a boat"),
    "power": ("ไฟฟ้าให้เครื่องช่วย", "power for a device"),
    "medicine": ("ยาประจำ", "medicine"),
    "thanks": ("ขอบคุณ จดไว้แล้ว", "Thank you, noted."),
    "left": (
        "เลิกส่งคำเตือนทางนี้แล้ว กลับมาเมื่อไรก็ได้ พิมพ์ ลงทะเบียน",
        "No more warnings come this way. To come back write register.",
    ),
    "kept": (
        "ศูนย์เก็บเรื่องบัญชีนี้ไว้: {place} จำนวน {people} คน ต้องการช่วย: {needs} คำตอบที่ส่งมา {answers} การเตือนที่ส่งให้ {sent} "
        "ไม่มีชื่อ ไม่มีเลขบัตร ขอสำเนาทั้งหมด โทร {phone}\nให้ลบ พิมพ์ ลบข้อมูล",
        "The office keeps of this account: {place}; people: {people}; help needed: {needs}; answers you sent: {answers}; alerts "
        "sent to you: {sent}. No name, no ID number. For a whole copy ring {phone}.\nTo have it wiped write: erase my data",
    ),
    "kept_nothing": ("ศูนย์ไม่ได้เก็บข้อมูลของบัญชีนี้", "The office keeps nothing of this account."),
    "kept_by_office": (
        "ศูนย์มีบัญชีนี้ในรายชื่อผู้ติดต่อหรือทะเบียนบ้าน ขอดูหรือขอลบ โทร {phone}",
        "The office has this account in its list of contacts or homes. To see it or have it wiped, ring {phone}.",
    ),
    "erase_sure": (
        "ลบข้อมูลของบัญชีนี้ทั้งหมดหรือไม่ ลบแล้วเราจะไม่เตือนคุณทางนี้อีก ถ้าน้ำกำลังมา อย่าเพิ่งลบ",
        "Wipe all that is kept of this account? No more warnings will come this way. If water is coming, wait.",
    ),
    "erase_do": ("ลบข้อมูลของฉัน", "wipe my data"),
    "erased": (
        "ลบแล้ว เราจะไม่เตือนคุณทางนี้อีก กลับมาเมื่อไรก็ได้ พิมพ์ ลงทะเบียน",
        "Wiped. No more warnings come this way. To come back write register.",
    ),
    "no_needs": ("ไม่ได้บอก", "not said"),
    "nowhere": (
        "ยังไม่รู้ว่าบ้านคุณอยู่ที่ไหน",
        "We do not know yet where you live.",
    ),
    "english": ("พูดภาษาไทยแล้ว", "We speak English to you from now on."),
    "now_at": ("{place} เวลา {at}", "{place} at {at}"),
    "warned": ("มีคำเตือนอยู่: {headline} (เลขที่ {number})", "A warning is in force: {headline} (no. {number})"),
    "not_warned": ("ไม่มีคำเตือนสำหรับที่นี่ตอนนี้", "No warning is in force for this place now."),
    "over": ("{gauge}: น้ำล้นตลิ่ง {m} ม. {trend} วัดเมื่อ {at}", "{gauge}: {m} m over its bank{trend}, measured {at}"),
    "near": (
        "{gauge}: ใกล้ล้นตลิ่ง ต่ำกว่าตลิ่ง {m} ม. {trend} วัดเมื่อ {at}",
        "{gauge}: near its bank, {m} m below it{trend}, measured {at}",
    ),
    "below": (
        "{gauge}: ต่ำกว่าตลิ่ง {m} ม. {trend} วัดเมื่อ {at}",
        "{gauge}: {m} m below its bank{trend}, measured {at}",
    ),
    "unknown_bank": (
        "{gauge}: {value} ม.รทก. ไม่รู้ระดับตลิ่ง {trend} วัดเมื่อ {at}",
        "{gauge}: {value} m above sea level, its bank is not known{trend}, measured {at}",
    ),
    "silent": (
        "{gauge}: เครื่องวัดเงียบตั้งแต่ {at} ตอนนี้เราไม่รู้",
        "{gauge}: has been silent since {at}; we do not know how it is now",
    ),
    "doubted": ("  (ค่านี้ยังน่าสงสัย)", "  (this value is doubted)"),
    "rising": ("กำลังขึ้น", ", rising"),
    "steady": ("ทรงตัว", ", steady"),
    "falling": ("กำลังลด", ", falling"),
    "unknown": ("", ""),
    "upstream": ("(ที่นี่ไม่มีเครื่องวัด นี่คือเครื่องวัดต้นน้ำ)", "(no gauge stands here; these stand upstream)"),
    "no_gauge": (
        "ไม่มีเครื่องวัดน้ำที่บอกได้ เราไม่รู้ว่าน้ำเป็นอย่างไร ดูน้ำใกล้บ้านคุณเอง",
        "No gauge tells of this place: we do not know how the water is. Watch the water near you.",
    ),
    "queue": (
        "รับเรื่องแล้ว {roster} กำลังเข้าเวร คิวของคุณคือ {nth} มี {before} รายก่อนหน้า เราบอกไม่ได้ว่านานเท่าไร\n"
        "ถ้าเป็นอันตรายถึงชีวิต โทร 1669 หรือ 1784 เดี๋ยวนี้",
        "We have your call. {roster} is on duty. You are number {nth}, {before} before you; how long, we cannot say.\n"
        "If life is in danger ring 1669 or 1784 now.",
    ),
    "nobody_there": (
        "ตอนนี้ไม่มีเจ้าหน้าที่เฝ้าบัญชีนี้ อย่ารอ โทร 1669 (เจ็บป่วย) 1784 (ปภ.) หรือแจ้ง{head}",
        "Nobody watches this account now. Do not wait: ring 1669 (medical) or 1784 (disaster office), or tell {head}.",
    ),
    "head": ("ผู้ใหญ่บ้าน{place}", "the head of {place}"),
    "any_head": ("ผู้ใหญ่บ้านของคุณ", "your village head"),
    "safe": (
        "รับทราบว่าปลอดภัย นี่ไม่ใช่การขอรับเงินช่วยเหลือ และไม่เปลี่ยนสิทธิใดๆ ของคุณ",
        "Noted that you are safe. This is no relief claim and changes none of your entitlements.",
    ),
    "picture_kept": (
        "ศูนย์เก็บรูปไว้แล้ว รูปอย่างเดียวไม่ใช่การขอความช่วยเหลือ ถ้าต้องการคนมาช่วย กดปุ่มนี้",
        "The office has kept your picture. A picture alone is no call for help: if you need somebody to come, press here.",
    ),
    "picture_where": (
        "เก็บรูปไม่ได้ เพราะยังไม่รู้ว่าคุณอยู่ที่ไหน เลือกหมู่บ้านก่อน แล้วส่งรูปอีกครั้ง ถ้าต้องการความช่วยเหลือ ส่งตำแหน่งที่ตั้ง",
        "The picture could not be kept: we do not know where you are. Choose your village, then send it again. If you need help, send "
        "your location.",
    ),
    "picture_lost": (
        "เก็บรูปไม่ได้ตอนนี้ ถ้าต้องการความช่วยเหลือ เขียนบอกว่าอยู่ที่ไหนและเป็นอย่างไร",
        "The picture could not be kept now. If you need help, write where you are and how it is.",
    ),
    "help_button": ("ต้องการช่วย", "I need help"),
    "which_group": (
        "กลุ่มนี้ของหมู่บ้านไหน ให้ผู้ใหญ่บ้านหรือผู้ช่วยที่ลงชื่อกับศูนย์ พิมพ์รหัสหมู่บ้าน 8 หลัก เราไม่อ่านและไม่เก็บสิ่งที่คุยกัน",
        "Whose village is this? Its head or assistant known to the office writes the village's 8-digit code. "
        "What you write to each other is neither read nor kept.",
    ),
    "group_bound": ("กลุ่มนี้เป็นของ {place} แล้ว", "This group is now of {place}."),
}  # fmt: skip


def say(word: str, lang: str, **facts: Any) -> str:
    """One sentence. lang: th | en. Raises KeyError for a word that does not exist."""
    return _WORDS[word][LANGUAGES.index(lang)].format(**facts)
