"""The fifty rules of the cycle: five things looked at, each with limits from likely to rare."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from warning.condition import Condition
from warning.rule_plan import Leaf

# what is watched, of river gauges (L) or rain gauges (R), the side of the limit, where danger begins and how it is spaced
WATCHED = (
    ("freeboard_m", "L", "below", 3.0, -0.25),
    ("rise_m_per_h", "L", "above", 0.1, 0.05),
    ("percent_full", "L", "above", 70.0, 5.0),
    ("rain_1h", "R", "above", 10.0, 5.0),
    ("rain_24h", "R", "above", 35.0, 10.0),
)
OF_EACH = 10
RULES = [
    (name, kind, side, first + nth * by) for name, kind, side, first, by in WATCHED for nth in range(OF_EACH)
]


def leaves() -> list[Leaf]:
    return [_leaf(name, side, limit, nth) for nth, (name, _, side, limit) in enumerate(RULES)]


def subjects_of(made: Sequence[Leaf]) -> Iterable[tuple[Leaf, str]]:
    """Each with the kind of station it looks at."""
    kinds = {name: kind for name, kind, *_ in WATCHED}
    return [(leaf, kinds[leaf.subject.name]) for leaf in made]


def _leaf(name: str, side: str, limit: float, nth: int) -> Leaf:
    when = Condition.model_validate(
        {"indicator": name, "station": "X.170", side: limit, "lasting": timedelta(0)}
    )
    return Leaf(
        rule=f"bench-{nth}", part=name, when=when, until=when.ends(), stale_after=timedelta(hours=1), blind=False,
        subject=when.subject(),
    )  # fmt: skip
