"""Why a level stands where it stands, in words for the officer: Thai, and English in brackets."""

from collections.abc import Mapping, Sequence

from geo.when import clock_text
from warning.rule_level import LevelState
from warning.rule_plan import Leaf, Unit
from warning.rules import DANGER, Phase, RuleState
from warning.subject import subject_words, value_words
from warning.words.one_language import one_language

MOST_TOLD = 4  # conditions told in one sentence


def level_words(
    unit: Unit, before: LevelState, after: LevelState, cells: Sequence[tuple[Leaf, str, RuleState]]
) -> str:
    """cells: its conditions as they are now, the leading one last."""
    told = [c for c in cells if c[2].phase in DANGER] if after.phase in DANGER else list(cells)
    said = [
        _beside_limit(leaf, station, state) for leaf, station, state in (told or list(cells))[-MOST_TOLD:]
    ]
    th, en = "; ".join(th for th, _ in said), "; ".join(en for _, en in said)
    lead_th, lead_en = _lead(unit, before, after)
    return f"{lead_th}: {th} ({lead_en}: {en})" if said else f"{lead_th} ({lead_en})"


def _lead(unit: Unit, before: LevelState, after: LevelState) -> tuple[str, str]:
    match after.phase:
        case Phase.NO_DATA:
            return "ข้อมูลไม่พอ ไม่ได้แปลว่าปกติ", "too little data; not a sign of calm"
        case Phase.PENDING if after.begun:
            return "เข้าเกณฑ์แล้ว รอแหล่งอื่นยืนยัน", "conditions met, waiting for another source to agree"
        case Phase.PENDING:
            return "เริ่มเข้าเกณฑ์ ยังไม่นานพอ", "conditions begin, not yet for long enough"
        case Phase.CALM:
            return "ไม่เข้าเกณฑ์แล้ว" if before.phase in DANGER else "ไม่เข้าเกณฑ์", "conditions not met"
    if after.over:
        until = clock_text(after.over + unit.level.keep_for)
        return f"พ้นเกณฑ์แล้ว ยังคงระดับไว้ถึง {until}", f"conditions over, kept until {until}"
    if after.due:
        at = clock_text(after.due)
        return f"เข้าเกณฑ์อีก ร่างใหม่ได้ {at}", f"conditions met again, drafted anew not before {at}"
    if not after.sure:
        return (
            "เข้าเกณฑ์ แต่ยังไม่มีแหล่งอื่นยืนยัน ต้องให้คนตรวจ",
            "conditions met, not confirmed by another source: a person must look",
        )
    if after.stale:
        return "ยังถือว่าอันตราย แต่เครื่องวัดเงียบ", "still in danger, but the instruments are silent"
    if after.phase is Phase.ENDING:
        return "กำลังพ้นเกณฑ์ ยังไม่นานพอ", "conditions end, not yet for long enough"
    return "เข้าเกณฑ์", "conditions met"


def _beside_limit(leaf: Leaf, station: str, state: RuleState) -> tuple[str, str]:
    if state.value is None or state.phase is Phase.NO_DATA:
        return f"{station} ไม่มีข้อมูล", f"{station} no data"
    _, _, unit_th, unit_en = subject_words(leaf.subject)
    seen_th, seen_en = value_words(leaf.subject, state.value)
    side_th, side_en = leaf.when.words(met=leaf.when.met(state.value))
    limit = leaf.when.limit
    return (
        f"{station} {seen_th} {side_th} {limit:.2f} {unit_th}",
        f"{station} {seen_en}, {side_en} {limit:.2f} {unit_en}",
    )


def quality_words(stations: Mapping[str, str | None]) -> dict[str, str] | None:
    """How many instruments can be trusted, by language; None when all can. station -> what is wrong with its newest value."""
    wrong = {station: why for station, why in stations.items() if why}
    if not wrong:
        return None
    good, of = len(stations) - len(wrong), len(stations)
    th, en = (
        "; ".join(
            f"{station}: {one_language(why, lang)}" for station, why in sorted(wrong.items())[:MOST_TOLD]
        )
        for lang in ("th", "en")
    )
    return {
        "th": f"เครื่องวัดที่เชื่อได้ {good} จาก {of} เครื่อง ({th})",
        "en": f"{good} of {of} instruments can be trusted ({en})",
    }
