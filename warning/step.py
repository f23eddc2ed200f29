"""What a step of the pipeline is: it reads what the step before recorded, records what is new, and says what is next."""

from typing import NamedTuple

# Priorities of wake-ups: a higher one is taken first (architecture: Extreme over Severe over the rest over drills).
EXTREME = 40
SEVERE = 30
ORDINARY = 20
EXERCISE = 10
HOUSEKEEPING = 0
# There is one an alert or a source, however much waits: it overtakes what there may be hundreds of, answers and messages below
# Extreme, so that on a busy night the picture does not stand still.
ONE_OF_ITS_KIND = 35


class Next(NamedTuple):
    """Wake up `step` for one piece of `work` (an id as text). The row is the truth; this is only the bell."""

    step: str
    work: str
    priority: int = ORDINARY


def priority_of(severity: str, exercise: bool) -> int:
    """severity: the CAP word. A drill never overtakes real life."""
    if exercise:
        return EXERCISE
    return {"Extreme": EXTREME, "Severe": SEVERE}.get(severity, ORDINARY)
