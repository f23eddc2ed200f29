"""The scripted flood night: the whole platform in exercise mode, on the simulated world, sixty times as fast as life.

Its own database, its own keys, invented people, gateways on loopback: nothing here can reach anybody.
"""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import fasteners
from sqlmodel import Session, col, select

from geo.errors import ConfigError, NotAllowed
from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Audience, Contact, Tower, TowerKind
from geo.synthetic import synthetic
from geo.synthetic_load import load_synthetic, load_synthetic_contacts
from warning.alert import Alert, AlertState
from warning.approval import agreed, approve
from warning.clock import FastClock
from warning.config import Config, load
from warning.engine.app import defer
from warning.issue import ROBOT
from warning.office import Office
from warning.seen import seen_of
from warning.world.line import Line
from warning.world.people import Contact as Head
from warning.world.sms import Sms
from warning.world.towers import TowerPlan
from warning.world.world import LINE_SECRET, LINE_TOKEN, SMS_SECRET, SMS_TOKEN, World, WorldSettings

NIGHT_BEGINS = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)  # 01:30 in Bangkok
RATE = 60.0
HOUSEHOLDS = 5_000
APPROVES_AFTER_S = 8.0  # wall seconds: long enough to be seen waiting
ROBOT_NAME = "เจ้าหน้าที่หุ่นยนต์ (ฝึกซ้อม) / robot officer (exercise)"
DEAD_PHONES = 0.06
THROTTLED_SMS_PER_S = 40.0
DEAD_TOWERS = 1
FOLDERS = ("demo", "demo-2", "demo-3")  # nights at once on one machine


@contextmanager
def fresh_folder(var: Path) -> Iterator[Path]:
    """An empty folder for the night's data; what an earlier night left is removed, the server with it.

    A night still running keeps its folder: the next one takes the folder beside it. Raises ConfigError when all are taken.
    """
    var.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        taken = fasteners.InterProcessLock(
            str(var / f"{name}.lock")
        )  # beside the folder, so that it outlives the emptying
        if not taken.acquire(blocking=False):
            taken.lockfile.close()  # left open after a refusal
            continue
        folder = var / name
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True, exist_ok=True)
            yield folder
        finally:
            taken.release()
        return
    raise ConfigError(f"{len(FOLDERS)} exercise nights run already in {var}: end one with Ctrl-C")


def night_clock() -> FastClock:
    return FastClock.from_now(NIGHT_BEGINS, RATE)


def people_of_the_night(office: Office) -> None:
    """Invented contacts, towers and households."""
    with office.database.session() as session:
        load_synthetic_contacts(session, office.keyring, office.clock.now())
        load_synthetic(session, office.keyring, synthetic(HOUSEHOLDS))


def world_settings(office: Office, hooks: str) -> WorldSettings:
    """The world that belongs to this office's people: same phones, same towers and keys. hooks: base address of ours."""
    chance = random.Random(93)
    with office.database.session() as session:
        heads = _heads(session, office)
        towers = _towers(session, office)
        phones = [
            office.keyring.open(a.sealed)
            for a in session.exec(
                select(Address).where(Address.kind == AddressKind.SMS, Address.audience == Audience.RESIDENT)
            )
        ]
    dead = frozenset(chance.sample(phones, int(len(phones) * DEAD_PHONES)))
    return WorldSettings(
        starts=NIGHT_BEGINS,
        line=Line(LINE_TOKEN, LINE_SECRET, latency_s=0.08),
        sms=Sms(
            SMS_TOKEN,
            SMS_SECRET,
            rate_per_s=THROTTLED_SMS_PER_S,
            latency_s=0.05,
            early=0.05,
            never=0.08,
            dead=dead,
        ),
        towers=towers,
        contacts=heads,
        line_hook=f"{hooks}/hooks/line",
        sms_hook=f"{hooks}/hooks/sms",
    )


def _heads(session: Session, office: Office) -> tuple[Head, ...]:
    addresses: dict[UUID, list[str]] = {}
    rows = session.exec(
        select(Address).where(Address.audience == Audience.CONTACT, Address.kind != AddressKind.TOWER)
    )
    for row in rows:
        addresses.setdefault(row.owner_id, []).append(office.keyring.open(row.sealed))
    places = gazetteer()
    return tuple(
        Head(
            office.keyring.open(c.name_sealed),
            tuple(addresses[c.id]),
            int(places.village(c.village_code).households * 0.8),
        )
        for c in session.exec(select(Contact).order_by(col(Contact.village_code)))
        if c.id in addresses
    )


def _towers(session: Session, office: Office) -> tuple[TowerPlan, ...]:
    """Every controller; one near the river has no power tonight."""
    found = []
    for tower in session.exec(
        select(Tower).where(Tower.kind == TowerKind.MQTT).order_by(col(Tower.village_code))
    ):
        if tower.device_id and tower.device_key_sealed:
            key = office.keyring.open(tower.device_key_sealed)
            found.append(TowerPlan(tower.device_id, key, tower.homes_in_earshot or 0))
    near = [n for n, plan in enumerate(found) if plan.device[6:12] in NEAR_RIVER]
    for n in near[:DEAD_TOWERS]:
        found[n] = TowerPlan(found[n].device, found[n].key, found[n].homes, dead=True)
    return tuple(found)


NEAR_RIVER = {"930112", "930109", "930104", "930107"}  # along Khlong Na Thom


def night_config(world: World) -> Config:
    """`warning/demo.yaml` with the world's addresses."""
    environment: Mapping[str, str] = {
        "WORLD_FEED_URL": world.feed_url, "WORLD_LINE_URL": world.line_url, "WORLD_LINE_TOKEN": world.line_token,
        "WORLD_LINE_SECRET": world.line_secret, "WORLD_SMS_URL": world.sms_url, "WORLD_SMS_TOKEN": world.sms_token,
        "WORLD_SMS_SECRET": world.sms_secret, "WORLD_MQTT_HOST": world.mqtt_host, "WORLD_MQTT_PORT": str(world.mqtt_port),
    }  # fmt: skip
    return load(Path(str(files("warning").joinpath("demo.yaml"))), environment)


class RobotOfficer:
    """Approves each draft some seconds after it has read it, visibly. A draft that changed meanwhile is read anew."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._read: dict[UUID, tuple[str, datetime]] = {}  # draft -> the version read, and when

    async def work(self, seen: Callable[[str], None]) -> None:
        """Until cancelled. seen: is told the number of each alert approved."""
        while True:
            await asyncio.sleep(0.5)
            for number in await asyncio.to_thread(self.look):
                seen(number)

    def look(self) -> list[str]:
        """One look at what waits: the numbers of what was approved."""
        now, approved = self._office.clock.now(), []
        for alert in self._waiting():
            version, at = self._read.get(alert.id, ("", now))
            if version != seen_of(alert):
                self._read[alert.id] = seen_of(alert), now
            elif now - at >= timedelta(seconds=APPROVES_AFTER_S) * RATE:
                with suppress(NotAllowed), self._office.database.session() as session:
                    defer(session, approve(session, alert.id, ROBOT, ROBOT_NAME, now, version))
                    approved.append(alert.number)
        return approved

    def _waiting(self) -> Sequence[Alert]:
        with self._office.database.session() as session:
            waiting = select(Alert).where(Alert.state == AlertState.DRAFT, col(Alert.untested).is_(False))
            return [a for a in session.exec(waiting) if ROBOT not in {y.user_id for y in agreed(session, a)}]


@asynccontextmanager
async def robot_at_work(office: Office, seen: Callable[[str], None]) -> AsyncIterator[None]:
    robot = asyncio.create_task(RobotOfficer(office).work(seen))
    try:
        yield
    finally:
        robot.cancel()
        await asyncio.gather(robot, return_exceptions=True)
