"""What did the person mean? Words and digits of heads, volunteers and residents, Thai and English.

A cry for help is never lost to a better-sounding word beside it: a text may mean several things, gravest
first.
"""

import re
import unicodedata

from channels.contract import Answer
from geo.people import Audience

# A bare digit means what the message asked this person; the channel alone does not know whom it asked.
DIGITS: dict[Audience, dict[str, Answer]] = {
    Audience.CONTACT: {"1": Answer.ANNOUNCED, "2": Answer.NEED_HELP, "3": Answer.WATER_HERE},
    Audience.RESIDENT: {"1": Answer.SAFE, "2": Answer.NEED_HELP, "3": Answer.WATER_HERE},
}

# What buttons send back (`a=`), and short forms a partner's button may carry.
BUTTONS: dict[str, Answer] = {answer.value: answer for answer in Answer} | {
    "water": Answer.WATER_HERE,
    "help": Answer.NEED_HELP,
    "ack": Answer.SEEN,
}

_BARE = re.compile(r"\W*([1-9])\W*(?:(\d{1,4})\W*)?(?:หลัง|ครัวเรือน|homes?)?\W*")
_HOMES = re.compile(
    r"(?:ประกาศ|บอก|แจ้ง|announced|told)\D{0,24}?(\d{1,4})\s*(?:หลัง|ครัวเรือน|ครอบครัว|บ้าน|homes?|houses?|households?)"
)

# Taken out first: what they deny must not be read as what they say. Order matters; gravest meaning first.
_MEANINGS: tuple[tuple[Answer | None, re.Pattern[str]], ...] = (
    (
        None,
        re.compile(
            r"ไม่(?:ได้)?(?:ต้องการ(?:ความ|ให้)?|ต้อง|ขอ|จำเป็นต้อง)\s*ช่วย(?:เหลือ)?"
            r"|no help|(?:don'?t|not) need (?:any )?help"
        ),
    ),
    (
        None,
        re.compile(
            r"น้ำ\s*(?:ยัง)?ไม่\s*(?:มา|ถึง|เข้า|ท่วม)|ยังไม่(?:ท่วม|มีน้ำ)|น้ำยังไม่\S*|no water|water (?:is )?not"
        ),
    ),
    (
        None,
        re.compile(
            r"(?:ยังไม่(?:ได้)?|ไม่(?:ได้)?)\s*ประกาศ|ประกาศ(?:ยัง)?ไม่ได้|not (?:yet )?announced|cannot announce"
        ),
    ),
    (Answer.NEED_HELP, re.compile(r"ช่วย|ไม่ปลอดภัย|ติดอยู่|กู้ภัย|sos|help|not safe|unsafe|trapped|rescue")),
    (
        Answer.WATER_HERE,
        re.compile(r"น้ำ\s*(?:มา|ถึง|เข้า|ท่วม|ล้น)|ท่วมแล้ว|water(?: is)? (?:here|in)|flooded|flooding"),
    ),
    (Answer.WILL_ANNOUNCE, re.compile(r"(?:จะ|กำลัง)(?:ไป)?\s*ประกาศ|will announce|announcing")),
    (Answer.ANNOUNCED, re.compile(r"ประกาศ|announced")),
    (Answer.SAFE, re.compile(r"ปลอดภัย|\bsafe\b|\bok\b|\bokay\b")),
)


def meanings(text: str, audience: Audience | None = None) -> list[Answer]:
    """Everything a reply says, gravest first; [SEEN] for any other words: somebody holds the phone.

    `audience`: whom the message asked, needed for a bare digit (1, ๒, "1 85"); without it a digit is SEEN.
    """
    words = _plain(text)
    if (bare := _BARE.fullmatch(words)) is not None:
        asked = DIGITS[audience] if audience is not None else {}
        return [asked.get(bare[1], Answer.SEEN)]
    found: list[Answer] = []
    for answer, pattern in _MEANINGS:
        words, hits = pattern.subn(" ", words)
        if hits and answer is not None:
            found.append(answer)
    return found or [Answer.SEEN]


def meaning(text: str, audience: Audience | None = None) -> Answer:
    """The gravest thing a reply says."""
    return meanings(text, audience)[0]


def homes(text: str) -> int | None:
    """How many homes a head says were told: `1 85`, `ประกาศแล้ว ๘๕ หลัง`, `announced to 85 homes`."""
    words = _plain(text)
    if (bare := _BARE.fullmatch(words)) is not None:
        return int(bare[2]) if bare[2] and bare[1] == "1" else None
    told = _HOMES.search(words)
    return int(told[1]) if told else None


def _plain(text: str) -> str:
    """Lower case, Arabic digits, SARA AM in one spelling (NFKC would take it apart)."""
    text = text.replace("\u0e4d\u0e32", "\u0e33").replace("\u200b", "")
    return "".join(str(unicodedata.decimal(letter, "")) or letter for letter in text).lower().strip()
