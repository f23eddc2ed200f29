"""What goes wrong at the simulated gateways, and when: applied to a world by its clock of the wall, and taken back."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from warning.world.line import Trouble as LineTrouble
from warning.world.sms import Trouble as SmsTrouble
from warning.world.world import World

Undo = Callable[[], None]
GATEWAYS = ("line", "sms")
# What may happen to a gateway, in the script's words.
AT_GATEWAYS = ("down", "slow", "throttle", "error", "error_after_taking", "cut")
_LINE = {
    "slow": LineTrouble.SLOW, "throttle": LineTrouble.RATE, "error": LineTrouble.SERVER_ERROR,
    "error_after_taking": LineTrouble.ERROR_AFTER_TAKING, "cut": LineTrouble.CUT,
}  # fmt: skip
_SMS = {
    "slow": SmsTrouble.SLOW, "throttle": SmsTrouble.THROTTLE, "error": SmsTrouble.SERVER_ERROR,
    "error_after_taking": SmsTrouble.ERROR_AFTER_TAKING, "cut": SmsTrouble.CUT,
}  # fmt: skip


def gateway(world: World, name: str, what: str, calls: int | None = None) -> Undo:
    """From now on each call to `line` or `sms` goes wrong so, or the next `calls` only. Raises KeyError for an unknown word."""
    server: Any = world.line if name == "line" else world.sms
    if what == "down":
        server.down = True
        return lambda: setattr(server, "down", False)
    trouble = _LINE[what] if name == "line" else _SMS[what]
    if calls is not None:
        server.troubles.extend([trouble] * calls)
        return lambda: None
    server.always = trouble
    return lambda: setattr(server, "always", None)


def quota(world: World, left: int) -> Undo:
    """LINE's month has so many recipients left, and then no more."""
    before = world.line.settings
    world.line.settings = replace(before, quota=world.line.used + left)
    return lambda: setattr(world.line, "settings", before)


def reports(world: World, *, lost: float, doubled: float, late: float, early: float, late_s: float) -> Undo:
    """Receipts and answers of both gateways are lost, doubled, late (so that others overtake them) or too early. Shares 0..1."""
    rough = (world.sms_hooks.rough, world.line_hooks.rough)
    sms = world.sms.settings
    for hooks in (world.sms_hooks, world.line_hooks):
        hooks.rough = replace(hooks.rough, lost=lost, duplicate=doubled, delayed=late, delay_s=late_s)
    world.sms.settings = replace(sms, early=early)

    def undo() -> None:
        world.sms_hooks.rough, world.line_hooks.rough = rough
        world.sms.settings = sms

    return undo


def towers(world: World, share: float, seed: int = 93) -> Undo:
    """So many of the loudspeakers lose their power, for good: nobody goes there tonight."""
    living = [t for t in world.towers.by_device.values() if not t.plan.dead]
    for tower in random.Random(seed).sample(living, round(share * len(living))):
        tower.plan = replace(tower.plan, dead=True)
        tower.cut()
    return lambda: None


@asynccontextmanager
async def unrest(steps: Iterable[tuple[float, float | None, Callable[[], Undo]]]) -> AsyncIterator[None]:
    """Inside, each step happens `at_s` after the beginning and is taken back `for_s` later (None: never)."""

    async def play(at_s: float, for_s: float | None, begin: Callable[[], Undo]) -> None:
        await asyncio.sleep(at_s)
        undo = begin()
        if for_s is not None:
            await asyncio.sleep(for_s)
            undo()

    tasks = [asyncio.create_task(play(*step)) for step in steps]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
