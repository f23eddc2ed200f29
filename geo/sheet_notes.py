"""The second page of the contact sheet: how it is filled in, Thai and English side by side."""

NOTES: tuple[tuple[str, str], ...] = (
    ("วิธีกรอก", "How to fill in"),
    (
        "หนึ่งแถวคือหนึ่งหมู่บ้าน กรอกเท่าที่รู้ ช่องว่างแปลว่ายังไม่รู้ ข้อมูลเดิมในระบบจะไม่ถูกลบ",
        "One row is one village. Fill in what you know; an empty cell means not known, and deletes nothing.",
    ),
    (
        "อย่าแก้รหัสหมู่บ้าน (8 หลัก) ระบบจับคู่ด้วยรหัสนี้ ย้ายคอลัมน์หรือเปลี่ยนหัวคอลัมน์ได้",
        "Leave the village code (8 digits): villages are found by it. Columns may be moved or renamed.",
    ),
    (
        "ถ้าไม่มีคนในตำแหน่งนั้น พิมพ์ - ในช่องชื่อ ระบบจะเอาคนเดิมออก",
        "If nobody holds the role, type - as the name: whoever was there is taken out.",
    ),
    (
        "ถ้าเปลี่ยนคน พิมพ์ชื่อใหม่ทับ แล้วกรอกเบอร์ LINE และวันยืนยันของคนใหม่ ของคนเดิมจะไม่ถูกใช้อีก",
        "If the person changes, type the new name over the old, with the new phone, LINE and date.",
    ),
    (
        "โทรศัพท์: เบอร์มือถือ 10 หลัก เช่น 0812345678 หรือ ๐๘๑-๒๓๔-๕๖๗๘ เบอร์บ้านรับ SMS ไม่ได้",
        "Phone: a mobile number of 10 digits, Thai digits and dashes are fine. A landline takes no SMS.",
    ),
    (
        "LINE ID ในระบบ: ขึ้นต้นด้วย U ยาว 33 ตัว เว้นว่างไว้ได้ จะได้มาเองเมื่อเจ้าตัวเพิ่มเพื่อนบัญชีของสำนักงาน",
        "LINE user id: U and 32 more. Leave it empty: it comes when the person adds the office's account.",
    ),
    (
        "ยืนยันเมื่อ: วันที่โทรหาแล้วเจ้าตัวรับสายจริง เช่น 12/05/2569",
        "Verified on: the day this person really answered, such as 12/05/2569 (or 2026-05-12).",
    ),
    (
        "ชนิดหอกระจายข่าว: ไมค์ในบ้าน (มีคนต้องไปประกาศ) / MQTT (เครื่องประกาศเอง ต้องมีรหัสเครื่อง) / ไม่มี",
        "Kind: ไมค์ในบ้าน (somebody must speak), MQTT (plays by itself, needs a device id), ไม่มี (none).",
    ),
    (
        "บ้านที่ได้ยิน: ประมาณจำนวนบ้านที่ได้ยินเสียงชัดเมื่อฝนตก",
        "Homes in earshot: about how many homes hear it clearly when it rains.",
    ),
    (
        "ก่อนนำเข้าจริง ระบบจะแสดงรายการที่จะเปลี่ยน และแถวที่ใช้ไม่ได้พร้อมเหตุผล แถวที่ถูกต้องจะถูกเก็บ",
        "Before anything is stored, changes and unusable rows are listed with reasons. Good rows are kept.",
    ),
    (
        "ไฟล์นี้มีข้อมูลส่วนบุคคลตาม พ.ร.บ.คุ้มครองข้อมูลส่วนบุคคล 2562 อย่าส่งต่อในกลุ่ม LINE",
        "This file holds personal data (PDPA 2562). Do not pass it on in LINE groups.",
    ),
)
