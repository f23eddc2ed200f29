# ruff: noqa: E501 - a sentence stands on one line, so that the two languages can be read against each other
"""The words themselves, Thai and English side by side: change a sentence here and nowhere else.

Written to be acted on by somebody woken at night: short, one thing a sentence, the verb first. Rain words
follow the amounts of the Thai Meteorological Department (24 h: heavy 35.1-90.0 mm, very heavy from 90.1),
levels 2-5 the national plan's scale. Placeholders in braces are filled by `sentences.py`; names go in whole.
"""

from warning.words.facts import Both, Kind

EVENTS: dict[str, Both] = {
    "river_overflow": Both("น้ำล้นตลิ่ง", "river flood"),
    "flash_flood": Both("น้ำป่าไหลหลาก", "flash flood"),
    "lake_flood": Both("น้ำทะเลสาบท่วม", "lake-shore flood"),
    "heavy_rain": Both("ฝนตกมาก", "much rain"),  # the word follows the amount, see RAIN
    "landslide": Both("ดินถล่ม", "landslide"),
    "reservoir_release": Both("อ่างเก็บน้ำระบายน้ำ", "reservoir release"),
    "storm": Both("พายุ", "storm"),
    "earthquake": Both("แผ่นดินไหว", "earthquake"),
    "tsunami": Both("สึนามิ", "tsunami"),
    "heat": Both("อากาศร้อนจัด", "dangerous heat"),
    "air_quality": Both("ฝุ่น PM2.5", "PM2.5 air pollution"),
    "test": Both("ทดสอบระบบเตือนภัย", "warning system test"),
}
TEST = "test"

# From so many mm in 24 h (TMD): the word is used for these amounts only.
RAIN: tuple[tuple[float, Both], ...] = (
    (90.1, Both("ฝนตกหนักมาก", "very heavy rain")),
    (35.1, Both("ฝนตกหนัก", "heavy rain")),
)

LEVELS: dict[int, Both] = {
    5: Both("ระดับ 5 อันตรายสูงสุด", "level 5 highest danger"),
    4: Both("ระดับ 4 เสี่ยงอันตรายสูง", "level 4 high danger"),
    3: Both("ระดับ 3 เสี่ยงอันตราย", "level 3 danger"),
    2: Both("ระดับ 2 เฝ้าระวัง", "level 2 watch"),
}

ARRIVES: dict[str, Both] = {
    "river_overflow": Both("น้ำอาจถึง", "Water may arrive"),
    "flash_flood": Both("น้ำป่าอาจถึง", "Water may arrive"),
    "lake_flood": Both("น้ำอาจท่วม", "Water may rise here"),
    "heavy_rain": Both("น้ำอาจมา", "Water may come"),
    "landslide": Both("อาจเกิด", "It may happen"),
    "reservoir_release": Both("น้ำอาจถึง", "Water may arrive"),
    "storm": Both("พายุอาจถึง", "The storm may arrive"),
    "tsunami": Both("คลื่นอาจถึง", "Waves may arrive"),
}
# What is over leaves wet homes, snakes and broken roads behind; the others end in other words.
OF_WATER = frozenset(
    {"river_overflow", "flash_flood", "lake_flood", "heavy_rain", "landslide", "reservoir_release", "tsunami"}
)

SHORT: dict[str, Both] = {
    "evacuate": Both("ย้ายทุกคนไปที่สูงทันที", "Move everyone to high ground now"),
    "leave_stream": Both("ออกห่างลำน้ำ ขึ้นที่สูงทันที", "Leave the stream, go to high ground now"),
    "leave_slope": Both("ออกจากเชิงเขาและริมห้วยทันที", "Leave slopes and stream banks now"),
    "leave_shore": Both("ย้ายเด็ก ผู้สูงอายุ ผู้ป่วยจากริมน้ำ", "Move children, the old and the sick from the shore"),
    "upstairs": Both("ขึ้นชั้นบน อย่าลุยน้ำ", "Go upstairs, stay out of the water"),
    "prepare": Both("ยกของขึ้นที่สูง เตรียมพร้อมย้าย", "Lift belongings, be ready to leave"),
    "avoid": Both("อย่าข้ามลำน้ำและถนนที่น้ำท่วม", "Do not cross streams or flooded roads"),
    "monitor": Both("ติดตามประกาศ เตรียมของจำเป็น", "Follow the news, pack what you need"),
    "indoors": Both(
        "อยู่ในอาคารแข็งแรง ห่างหน้าต่างและต้นไม้", "Stay in a strong building, away from windows and trees"
    ),
    "tie_down": Both(
        "ผูกยึดหลังคา เก็บของที่ปลิวได้ เตรียมไฟฉาย", "Tie down roofs, bring loose things in, have a torch ready"
    ),
    "drop_cover": Both("หมอบ หลบใต้โต๊ะ ยึดให้แน่นจนหยุดไหว", "Drop, get under a table, hold on until it stops"),
    "leave_building": Both(
        "ออกจากอาคารที่ร้าวไปที่โล่ง ใช้บันได", "Leave cracked buildings for open ground, by the stairs"
    ),
    "after_quake": Both(
        "ระวังแผ่นดินไหวตาม ห่างอาคารที่ร้าวและเสาไฟ",
        "Expect aftershocks, keep away from cracked buildings and poles",
    ),
    "leave_coast": Both("ออกจากชายฝั่ง ขึ้นที่สูงทันที", "Leave the coast, go to high ground now"),
    "off_beach": Both(
        "ขึ้นจากน้ำ ออกห่างชายหาดและปากแม่น้ำ", "Get out of the water, away from beaches and river mouths"
    ),
    "keep_cool": Both(
        "งดงานกลางแดด ดื่มน้ำบ่อย ดูแลเด็กและผู้สูงอายุ",
        "No work in the sun, drink often, look after children and the old",
    ),
    "mask": Both(
        "งดกิจกรรมกลางแจ้ง สวมหน้ากาก N95 ปิดหน้าต่าง", "No outdoor activity, wear an N95 mask, close the windows"
    ),
    "nothing": Both("ไม่ต้องทำอะไร", "No action is needed"),
}

INSTRUCTIONS: dict[str, Both] = {
    "evacuate": Both(
        "ย้ายเด็ก ผู้สูงอายุ ผู้ป่วย และทุกคนไปที่สูงหรือศูนย์พักพิงทันที ตัดไฟก่อนออกจากบ้าน ห้ามเดินหรือขับรถลุยน้ำ",
        "Move children, older and sick people and everyone else to high ground or a shelter now. Switch off the power "
        "before you leave. Do not walk or drive through water.",
    ),
    "leave_stream": Both(
        "ออกห่างลำห้วยและคลอง ขึ้นที่สูงทันที อย่าเสียเวลาเก็บของ ห้ามข้ามลำน้ำทั้งเดินและขับรถ",
        "Get away from streams and canals, go to high ground now. Do not stop to pack. Do not cross water on foot or by car.",
    ),
    "leave_slope": Both(
        "ออกจากบ้านเชิงเขาและริมห้วยทันที ไปที่ปลอดภัยนอกแนวดินไหล ถ้าได้ยินเสียงดังจากภูเขาหรือน้ำขุ่นข้น ให้หนีออกด้านข้าง",
        "Leave homes below slopes and beside streams now. If you hear a roar from the hill or the water turns to mud, "
        "move sideways out of its path.",
    ),
    "leave_shore": Both(
        "ย้ายเด็ก ผู้สูงอายุ ผู้ป่วย และสัตว์เลี้ยงออกจากริมทะเลสาบก่อน ยกของและปลั๊กไฟขึ้นที่สูง เตรียมอาหาร น้ำ และยาไว้หลายวัน",
        "Move children, older and sick people and animals away from the shore first. Lift belongings and power sockets. "
        "Keep food, water and medicine for several days.",
    ),
    "upstairs": Both(
        "ขึ้นชั้นบนหรือที่สูงที่สุดในบ้าน ตัดไฟ อย่าออกไปลุยน้ำ ถ้าติดอยู่ให้โทรขอความช่วยเหลือ",
        "Go to the highest floor, switch off the power, stay out of the water. If you are trapped, call for help.",
    ),
    "prepare": Both(
        "ยกของ รถ และปลั๊กไฟขึ้นที่สูง เตรียมยา เอกสาร น้ำดื่ม และไฟฉาย พร้อมย้ายเมื่อมีคำสั่ง",
        "Move belongings, vehicles and power sockets up. Pack medicine, papers, drinking water and a torch. "
        "Be ready to leave when told.",
    ),
    "avoid": Both(
        "อย่าเข้าใกล้ลำน้ำ อย่าข้ามสะพานและถนนที่น้ำท่วม ดูแลเด็กไม่ให้เล่นน้ำ",
        "Keep away from streams. Do not use flooded bridges or roads. Keep children out of the water.",
    ),
    "monitor": Both(
        "ติดตามประกาศของทางการ เตรียมยา เอกสาร น้ำดื่ม และไฟฉายไว้ใกล้ตัว",
        "Follow official news. Keep medicine, papers, drinking water and a torch at hand.",
    ),
    "indoors": Both(
        "อยู่ในอาคารที่แข็งแรง ห่างหน้าต่าง ต้นไม้ ป้าย และเสาไฟ ถอดปลั๊กไฟฟ้า งดออกเรือและอยู่กลางแจ้ง",
        "Stay in a strong building, away from windows, trees, signs and power poles. Unplug appliances. "
        "Do not go out in boats or stay in the open.",
    ),
    "tie_down": Both(
        "ผูกยึดหลังคาและของที่ปลิวได้ ตัดกิ่งไม้ใกล้บ้าน นำเรือขึ้นฝั่ง เตรียมไฟฉาย น้ำดื่ม และชาร์จโทรศัพท์ให้เต็ม",
        "Tie down roofs and loose things, cut branches near the house, bring boats ashore. "
        "Keep a torch and drinking water ready and charge your phones.",
    ),
    "drop_cover": Both(
        "หมอบลง หลบใต้โต๊ะที่แข็งแรง ยึดให้แน่นจนหยุดไหว อย่าวิ่งออกขณะไหว อย่าใช้ลิฟต์ อยู่กลางแจ้งให้ห่างอาคารและเสาไฟ",
        "Drop, get under a strong table and hold on until the shaking stops. Do not run out while it shakes, do not use lifts. "
        "In the open keep away from buildings and power poles.",
    ),
    "leave_building": Both(
        "ออกจากอาคารที่ร้าวหรือเอียงโดยใช้บันได ไปที่โล่ง ปิดแก๊สและไฟฟ้า อย่ากลับเข้าไปจนกว่าช่างจะตรวจ",
        "Leave cracked or leaning buildings by the stairs for open ground. Turn off gas and power. "
        "Do not go back in before an engineer has looked.",
    ),
    "after_quake": Both(
        "อาจมีแผ่นดินไหวตาม ห่างอาคารที่ร้าว กำแพง และเสาไฟ ตรวจแก๊สและไฟฟ้า ฟังประกาศของทางการ",
        "Aftershocks may follow. Keep away from cracked buildings, walls and power poles. Check gas and power. Follow official news.",
    ),
    "leave_coast": Both(
        "ออกจากชายฝั่งขึ้นที่สูงทันที เดินเท้าถ้ารถติด คลื่นมาหลายลูกและห่างกันเป็นชั่วโมง อย่ากลับลงมาจนกว่าทางการจะแจ้ง",
        "Leave the coast for high ground now, on foot if the road is blocked. Several waves come, perhaps an hour apart. "
        "Do not go back down before the authorities say so.",
    ),
    "off_beach": Both(
        "ขึ้นจากน้ำ ออกห่างชายหาด ท่าเรือ และปากแม่น้ำ กระแสน้ำอาจแรงผิดปกติหลายชั่วโมง",
        "Get out of the water and away from beaches, piers and river mouths. Currents may be strong for hours.",
    ),
    "keep_cool": Both(
        "งดทำงานและออกกำลังกลางแดดช่วง 11 ถึง 16 นาฬิกา ดื่มน้ำบ่อยแม้ไม่กระหาย อย่าทิ้งเด็กหรือสัตว์ไว้ในรถ ตัวร้อนจัดและสับสนให้โทร 1669",
        "No work or sport in the sun from 11 to 16. Drink often even when not thirsty. Never leave children or animals in a car. "
        "Very hot and confused: call 1669.",
    ),
    "mask": Both(
        "งดกิจกรรมกลางแจ้ง สวมหน้ากาก N95 เมื่อออกนอกบ้าน ปิดประตูหน้าต่าง ห้ามเผา ผู้ป่วยโรคหัวใจและปอดเตรียมยา หายใจลำบากให้โทร 1669",
        "No outdoor activity. Wear an N95 mask outside, close doors and windows, burn nothing. People with heart or lung disease: "
        "keep your medicine at hand. Hard to breathe: call 1669.",
    ),
    "nothing": Both("ไม่มีเหตุใดเกิดขึ้น ไม่ต้องทำอะไร", "Nothing is happening. No action is needed."),
}

# CAP response type -> what to do, for every event; then what differs for one event.
DEFAULTS: dict[str, str] = {
    "Evacuate": "evacuate", "Shelter": "upstairs", "Prepare": "prepare", "Avoid": "avoid", "Monitor": "monitor",
    "None": "nothing",
}  # fmt: skip
BY_EVENT: dict[tuple[str, str], str] = {
    ("flash_flood", "Evacuate"): "leave_stream",
    ("landslide", "Evacuate"): "leave_slope",
    ("lake_flood", "Evacuate"): "leave_shore",
    ("storm", "Shelter"): "indoors",
    ("storm", "Avoid"): "indoors",
    ("storm", "Prepare"): "tie_down",
    ("earthquake", "Shelter"): "drop_cover",
    ("earthquake", "Evacuate"): "leave_building",
    ("earthquake", "Prepare"): "after_quake",
    ("earthquake", "Avoid"): "after_quake",
    ("earthquake", "Monitor"): "after_quake",
    ("tsunami", "Evacuate"): "leave_coast",
    ("tsunami", "Avoid"): "off_beach",
    ("tsunami", "Prepare"): "off_beach",
    ("tsunami", "Shelter"): "leave_coast",
    **{
        ("heat", response): "keep_cool" for response in ("Evacuate", "Shelter", "Prepare", "Avoid", "Monitor")
    },
    **{
        ("air_quality", response): "mask"
        for response in ("Evacuate", "Shelter", "Prepare", "Avoid", "Monitor")
    },
}
SHELTER_WANTED = frozenset(
    {"evacuate", "leave_stream", "leave_slope", "leave_shore", "leave_coast", "leave_building", "prepare"}
)

WHAT: dict[Kind, Both] = {
    Kind.ALERT: Both("{event} {level}", "{event} {level}"),
    Kind.UPDATE: Both("{event} {level} (แทนเลขที่ {replaces})", "{event} {level} (replaces {replaces})"),
    Kind.CANCEL: Both("ยกเลิกการเตือน{event} เลขที่ {replaces}", "Cancelled: {event} alert {replaces}"),
    Kind.ALL_CLEAR: Both(
        "{event}สิ้นสุดแล้ว (การเตือนเลขที่ {replaces})", "All clear: {event} is over (alert {replaces})"
    ),
    Kind.CORRECTION: Both(
        "ขออภัย การเตือน{event} เลขที่ {replaces} ผิดพลาด ไม่มีเหตุ",
        "Sorry: {event} alert {replaces} was a mistake, nothing is wrong",
    ),
}
# Without the old number: read aloud nobody keeps it in the ear, and short texts may lack the room.
WHAT_BRIEF: dict[Kind, Both] = {
    Kind.ALERT: WHAT[Kind.ALERT],
    Kind.UPDATE: Both("แจ้งเพิ่มเติม {event} {level}", "Update: {event} {level}"),
    Kind.CANCEL: Both("ยกเลิกการเตือน{event}", "Cancelled: the {event} alert"),
    Kind.ALL_CLEAR: Both("{event}สิ้นสุดแล้ว", "All clear: the {event} is over"),
    Kind.CORRECTION: Both(
        "ขออภัย การเตือน{event}ผิดพลาด ไม่มีเหตุ", "Sorry: the {event} alert was a mistake, nothing is wrong"
    ),
}
ENDINGS_SHORT: dict[Kind, Both] = {
    Kind.CANCEL: Both("ไม่ต้องทำตามคำเตือนเดิมแล้ว", "No need to follow it any more"),
    Kind.ALL_CLEAR: Both("กลับบ้านได้ ตรวจไฟฟ้าก่อนใช้", "You may return, check the power first"),
    Kind.CORRECTION: Both("ไม่ต้องทำอะไร", "No action is needed"),
}
ENDINGS_FULL: dict[Kind, Both] = {
    Kind.CANCEL: Both(
        "ไม่ต้องทำตามคำเตือนเดิมแล้ว หากยังเห็นน้ำขึ้น ให้ไปที่สูงและโทรแจ้ง",
        "There is no need to follow the earlier alert any more. If you still see water rising, go to high ground and call.",
    ),
    Kind.ALL_CLEAR: Both(
        "กลับบ้านได้ อย่าเปิดไฟฟ้าจนกว่าจะตรวจแล้ว ระวังงู สัตว์มีพิษ และถนนที่ชำรุด",
        "You may go home. Do not switch on the power before it is checked. Beware of snakes and damaged roads.",
    ),
    Kind.CORRECTION: Both(
        "ไม่มีเหตุเกิดขึ้น ไม่ต้องทำอะไร ผู้ที่ออกจากบ้านแล้วกลับได้",
        "Nothing has happened. No action is needed. Those who left may go home.",
    ),
}
# The same endings where no water came.
DRY_ENDINGS_SHORT: dict[Kind, Both] = {
    **ENDINGS_SHORT,
    Kind.ALL_CLEAR: Both("กลับไปทำสิ่งที่ทำตามปกติได้", "You may go back to normal"),
}
DRY_ENDINGS_FULL: dict[Kind, Both] = {
    **ENDINGS_FULL,
    Kind.CANCEL: Both(
        "ไม่ต้องทำตามคำเตือนเดิมแล้ว หากยังเห็นอันตราย ให้ออกห่างและโทรแจ้ง",
        "There is no need to follow the earlier alert any more. If you still see danger, keep away from it and call.",
    ),
    Kind.ALL_CLEAR: Both(
        "อันตรายผ่านไปแล้ว กลับไปทำสิ่งที่ทำตามปกติได้ หากเห็นสิ่งที่ยังเป็นอันตราย ให้โทรแจ้ง",
        "The danger has passed. You may go back to normal. If you see anything still dangerous, call.",
    ),
}

TEXT: dict[str, Both] = {
    "about": Both("{arrives}ราว {at}", "{arrives} about {at}"),
    "about_or_sooner": Both("{arrives}ราว {at} หรือเร็วกว่านั้น", "{arrives} about {at}, perhaps sooner"),
    "in_hours": Both("{arrives}ใน {low}-{high} ชม.", "{arrives} in {low}-{high} h"),
    "in_hour": Both("{arrives}ใน {low} ชม.", "{arrives} in {low} h"),
    "in_hours_aloud": Both("{arrives}ใน {low} ถึง {high} ชั่วโมง", "{arrives} in {low} to {high} hours"),
    "in_hour_aloud": Both("{arrives}ใน {low} ชั่วโมง", "{arrives} in {low} hours"),
    "until": Both("มีผลถึง {at}", "Valid until {at}"),
    "shelter_open": Both("ไป{shelter} (เปิดแล้ว)", "Go to {shelter} (open)"),
    "shelter_open_full": Both("ศูนย์พักพิง{shelter} เปิดแล้ว", "The shelter {shelter} is open"),
    "shelter_closed": Both("{shelter} ยังไม่เปิด โทร {phone} ถามศูนย์พักพิง", "{shelter} is not open yet, call {phone} for a shelter"),
    "shelter_unknown": Both("โทรถามศูนย์พักพิง {phone}", "Call {phone} to ask for a shelter"),
    "check": Both("ตรวจสอบ {phone} เลขที่ {number}", "Check: {phone}, no. {number}"),
    "check_full": Both("สอบถามหรือตรวจสอบว่าเป็นประกาศจริง โทร {phone} แจ้งเลขที่ {number}", "To ask, or to check that this is genuine, call {phone} and give number {number}"),
    "check_aloud": Both("สอบถาม โทร {phone} เลขที่ {number}", "To ask, call {phone}, number {number}"),
    "says": Both("ประกาศโดย {post}", "Issued by {post}"),
    "announces": Both("ประกาศจาก{post}", "This is {post}"),
    "at_places": Both("ที่{places}", "in {places}"),
    "level_over": Both("ระดับน้ำที่ {station} {level} ม.รทก. สูงกว่าตลิ่ง {gap} ม.", "Water at {station} is {level} m above sea level, {gap} m over the bank"),
    "level_below": Both("ระดับน้ำที่ {station} {level} ม.รทก. ต่ำกว่าตลิ่ง {gap} ม.", "Water at {station} is {level} m above sea level, {gap} m below the bank"),
    "level_at": Both("ระดับน้ำที่ {station} {level} ม.รทก. เสมอตลิ่ง", "Water at {station} is {level} m above sea level, level with the bank"),
    "level_only": Both("ระดับน้ำที่ {station} {level} ม.รทก.", "Water at {station} is {level} m above sea level"),
    "rain": Both("ฝนที่ {station} {mm} มม. ใน {hours} ชม.", "Rain at {station}: {mm} mm in {hours} h"),
    "stays": Both("น้ำอาจท่วมอยู่ราว {low}-{high} วัน", "The water may stay about {low} to {high} days"),
    "stays_one": Both("น้ำอาจท่วมอยู่ราว {low} วัน", "The water may stay about {low} day(s)"),
    "seen": Both(" (วัด {at})", " (measured {at})"),
    "untested": Both("ร่างจากกฎที่ยังไม่ผ่านการทดสอบ เจ้าหน้าที่ต้องตรวจก่อนส่ง", "Drafted by a rule not yet tested: a person must check it before it is sent"),
}  # fmt: skip

EXERCISE_FRONT = Both("ฝึกซ้อม ฝึกซ้อม ฝึกซ้อม", "EXERCISE EXERCISE EXERCISE")
EXERCISE_END = Both("ฝึกซ้อม ไม่ใช่เหตุจริง", "Exercise, nothing real is happening")
