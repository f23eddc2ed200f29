"""`raksa bench`: every phase in one run, each with its peer in the same run and an oracle that may refuse the figure."""

import os
from collections.abc import Callable, Sequence

from bench import (
    area,
    cap,
    cycle,
    fanout,
    first_send,
    kill,
    one_call_each,
    pa,
    pages,
    rules,
    scale,
    smpp,
    tambon_alerts,
    urgent,
    webhooks,
)
from bench.office import calibrate
from bench.row import Row, Tell, row
from geo.errors import ConfigError

PHASES: dict[str, Callable[[bool, Tell], list[Row]]] = {
    "rules": lambda quick, tell: [*rules.measure(quick, tell), *cycle.measure(quick, tell)],
    "area": area.measure,
    "cap": cap.measure,
    "first_send": first_send.measure,
    "fanout": fanout.measure,
    "urgent": urgent.measure,
    "scale": scale.measure,
    "apprise": one_call_each.measure,
    "tambon_alerts": tambon_alerts.measure,
    "kill": kill.measure,
    "smpp": smpp.measure,
    "sms_rate": smpp.measure_rate,
    "pages": pages.measure,
    "pa": pa.measure,
    "webhooks": webhooks.measure,
}
_ALSO = {"areas": "area"}
_SIZED: dict[str, Callable[[bool, Tell, int | None], list[Row]]] = {
    "fanout": fanout.measure,
    "urgent": urgent.measure,
    "scale": scale.measure,
}  # whose number of recipients can be asked for


def measure(
    phases: Sequence[str], *, quick: bool, tell: Tell | None, recipients: int | None = None
) -> list[Row]:
    """The rows of the phases named (all when none is), the machine's own calibration first.

    Raises ConfigError for a phase nobody knows, and for `recipients` of a phase that has a number of its own.
    """
    phases = [_ALSO.get(name, name) for name in phases]
    unknown = [name for name in phases if name not in PHASES]
    if unknown:
        raise ConfigError(f"no phase is called {', '.join(unknown)}; there are {', '.join(PHASES)}")
    if recipients is not None and not (phases and set(phases) <= set(_SIZED) and recipients > 0):
        raise ConfigError(f"--recipients is a number above 0, of {', '.join(_SIZED)} only")
    say = tell or (lambda _: None)
    rows = [_calibration()]
    say(_line(rows[0]))
    for name in phases or PHASES:
        made = _SIZED[name](quick, say, recipients) if name in _SIZED else PHASES[name](quick, say)
        rows.extend(made)
        for each in made:
            say(_line(each))
    return rows


def _calibration() -> Row:
    machine = calibrate()
    why = (
        f"fdatasync {machine['fdatasync_us']:.0f} us, {machine['cores']:.0f} cores, load {os.getloadavg()[0]:.1f}; "
        "runs whose calibration differs by more than a quarter are not compared"
    )
    return row("calibration", machine["million_additions_ms"], "ms for 1M additions", why=why)


def _line(r: Row) -> str:
    if r["figure"] is None:
        return f"{r['phase']:18} not printed, {r['oracle']}"
    beside = [
        f"peer {r['peer']:g}, {r['ratio']:g}x" if r["peer"] is not None else "",
        f"{r['ratio_to_floor']:g}x the floor" if r["ratio_to_floor"] is not None else "",
        r["why"],
    ]
    return f"{r['phase']:18} {r['figure']:g} {r['unit']}  " + "; ".join(b for b in beside if b)
