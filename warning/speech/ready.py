"""What the library says of readiness: an office whose alerts cannot be spoken is told before the night."""

from pathlib import Path

from sqlalchemy import inspect
from sqlmodel import Session

from warning.readiness import Item, Standing
from warning.speech.clip import ClipLang
from warning.speech.script import Group
from warning.speech.shelf import minutes_missing, shelf


def of_clips(session: Session, var: Path) -> Item | None:
    """None where the schema is older than the library. Without a village's name an alert is still said, with its tambon's."""
    if not inspect(session.connection()).has_table("clip"):
        return None
    lines = shelf(session, var, ClipLang.TH)
    missing = [line for line in lines if line.clip is None]
    needed = [line for line in missing if line.phrase.group is not Group.VILLAGE]
    if not missing:
        return Item(
            "clips",
            Standing.READY,
            f"เสียงประกาศครบ {len(lines)} วลี",
            f"all {len(lines)} phrases are recorded",
        )
    minutes = max(1, round(minutes_missing(needed or missing)))
    left = needed or missing
    return Item(
        "clips",
        Standing.PERSON if needed else Standing.BETTER,
        f"เสียงประกาศยังขาด {len(left)} วลี{'' if needed else ' (ชื่อหมู่บ้าน)'} พูดราว {minutes} นาที",
        f"{len(left)} phrases{'' if needed else ' (names of villages)'} are not recorded, about {minutes} min of speech",
        "เปิดหน้า /clips แล้วบันทึกทีละวลี (docs/speech.md)",
        "open /clips and record them one after another (docs/speech.md)",
    )
