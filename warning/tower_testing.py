"""The round that keeps loudspeakers tested: plans what is due, asks, writes the answers down, and says who has died.

Never in an exercise: what an exercise may reach is simulated, and a real horn knows no exercise.
"""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

import aiomqtt
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from channels import pa_command
from channels.pa_answer import read_test
from channels.pa_wire import PaWire
from channels.village_pa import VillagePa
from geo.errors import ConfigError
from warning import tower_test, towers
from warning.alert import Mode
from warning.fault import mended, note
from warning.office import Office
from warning.tower_key import test_master
from warning.tower_test import Due, Hours

EVERY_S = 10.0
PLAN_EVERY = 12  # rounds
FAULT = "towers dead"
_IN_FORCE = text("SELECT tambons FROM alert WHERE state = 'ISSUED' AND mode = 'ACTUAL' AND expires_at > :now")
log = logging.getLogger(__name__)


class _Heard(NamedTuple):
    """What came over one connection since the last round."""

    tests: dict[str, tuple[str, bytes]]
    devices: set[str]
    online: dict[str, bool]


async def keep_testing(office: Office, environment: Mapping[str, str] = os.environ) -> None:
    """A round every ten seconds of the wall, until cancelled."""
    if office.mode is not Mode.ACTUAL or not _channels(office):
        return
    n = 0
    while True:
        try:
            await round_of_tests(office, test_master(office.var, environment), plan=n % PLAN_EVERY == 0)
        except (SQLAlchemyError, ConfigError, OSError) as error:
            log.warning("loudspeakers could not be tested: %s", type(error).__name__)
        n += 1
        await asyncio.sleep(EVERY_S)


async def round_of_tests(office: Office, master: str, *, plan: bool = True) -> int:
    """One round over all brokers; how many tests were asked for. Raises SQLAlchemyError."""
    if office.mode is not Mode.ACTUAL:
        return 0
    asked = 0
    for channel in _channels(office):
        wire: PaWire | None = office.wires.get(channel.name)
        came = None if wire is None else _Heard(wire.take_tests(), wire.take_heard(), dict(wire.online))
        connected = wire is not None and wire.connected.is_set()
        due = await asyncio.to_thread(_write, office, channel, came, plan=plan, connected=connected)
        if wire is not None:
            asked += await _ask(channel, wire, due, master, office)
    return asked


async def _ask(channel: VillagePa, wire: PaWire, due: Sequence[Due], master: str, office: Office) -> int:
    asked = 0
    for test in due:
        key = pa_command.test_key(master, test.device_id)
        try:
            await channel.test(wire, test.device_id, test.id, test.kind.value, key, office.clock.now())
            asked += 1
        except aiomqtt.MqttError as error:  # no answer will come, and that is written down in its time
            log.warning("a self-test could not be asked for: %s", type(error).__name__)
    return asked


def _channels(office: Office) -> list[VillagePa]:
    return [c for c in office.channels.values() if isinstance(c, VillagePa) and c.self_tests]


def _write(
    office: Office, channel: VillagePa, came: _Heard | None, *, plan: bool, connected: bool
) -> list[Due]:
    now = office.clock.now()
    hours = Hours(time.fromisoformat(channel.silent_test_at), time.fromisoformat(channel.audible_test_at),
                  channel.audible_test_day)  # fmt: skip
    with office.database.session() as session:
        if came is not None:
            _heard(session, came, now)
        if plan:
            tower_test.plan(session, hours, now)
            _tell_the_dead(session, channel, now)
        in_force = {t for (tambons,) in session.execute(_IN_FORCE, {"now": now}) for t in tambons}
        tower_test.put_off(session, hours, sorted(in_force), now)
        due = tower_test.claim(session, sorted(came.online), now) if came is not None and connected else []
        tower_test.give_up(session, now)
    return due


def _heard(session: Session, came: _Heard, now: datetime) -> None:
    towers.away(session, came.online)
    if came.devices:
        towers.heard(session, came.devices - {d for d, online in came.online.items() if not online}, now)
    for name, (device, payload) in came.tests.items():
        if (told := read_test(name, payload)) is not None:
            tower_test.record(session, told[0], device, told[1], now)


def _tell_the_dead(session: Session, channel: VillagePa, now: datetime) -> None:
    """One line on the console while there are any; never heard of is told by `raksa check`."""
    dead = [s for s in towers.tower_states(session, now, channel.dead_after) if s.alive is towers.Alive.DEAD]
    if not dead:
        mended(session, FAULT)
        return
    which, days = towers.names(dead), channel.dead_after.days
    why = (
        f"หอกระจายข่าว {len(dead)} แห่งเงียบเกิน {days} วัน ถือว่าหมู่บ้านนั้นไม่ได้ยิน: {which} "
        f"({len(dead)} loudspeakers not heard of for {days} days, their villages count as not covered: {which})"
    )
    note(session, FAULT, why, now)
