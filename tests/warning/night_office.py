"""One office and one simulated world, joined by real sockets, on a clock moved by hand: for tests of the whole line."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from geo.areas import built_in_areas
from geo.people import Address
from geo.roster import set_device_key
from geo.roster_import import import_contacts
from geo.sealed import Keyring
from geo.synthetic import synthetic, synthetic_contacts, synthetic_device_key
from geo.synthetic_load import load_synthetic
from warning.alert import Alert, AlertState, Mode
from warning.approval import approve
from warning.clock import HandClock
from warning.config import Config
from warning.demo import NIGHT_BEGINS, night_config, world_settings
from warning.engine.app import defer
from warning.office import Office
from warning.running import at_work, free_port, ring, serve_web
from warning.seen import seen_of
from warning.store.database import Database
from warning.web.hooks.door import Door
from warning.world.hooks import Roughness
from warning.world.people import Habits
from warning.world.sms import Sms
from warning.world.world import SMS_SECRET, SMS_TOKEN, World

TAMBON = "930112"  # X.170 stands there
RULE = "demo-na-thom-rises"
HOMES = 670  # one a village; those of the tambon are warned
QUICK = Habits(contact_s=(0.02, 0.1), resident_s=(0.02, 0.1))
ROUGH = Roughness(duplicate=0.3, delayed=0.3, delay_s=0.1, pause_s=0.05)  # doubled, late and out of order
PATIENCE_S = 30.0


@dataclass
class NightOffice:
    office: Office
    world: World
    clock: HandClock

    async def until_drafted(self) -> Alert:
        """Minute by minute: the feeds are asked, the water rises, until the rule over X.170 has opened a draft."""
        for _ in range(25):
            self.clock.forward(timedelta(minutes=1))
            for source in self.office.config.sources:
                await ring(self.office, source.name)
            asked = self.clock.now()
            await self.until(lambda asked=asked: self._answered(asked), "the feeds have been read and judged")
            if found := self.alerts():
                return found[0]
        raise AssertionError("the water rose and no rule said so")

    def _answered(self, asked: Any) -> bool:
        late = {
            row.source
            for row in self.rows("SELECT source FROM source_state WHERE answered_at >= :at", at=asked)
        }
        return late >= {source.name for source in self.office.config.sources} and not self.busy()

    def busy(self) -> bool:
        return bool(self.rows("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') LIMIT 1"))

    def alerts(self) -> list[Alert]:
        with self.office.database.session() as session:
            return list(session.exec(select(Alert).where(Alert.rule == RULE).order_by(Alert.number)))

    def alert(self, alert_id: UUID) -> Alert:
        with self.office.database.session() as session:
            return session.get_one(Alert, alert_id)

    def approve(self, alert_id: UUID, who: str) -> None:
        with self.office.database.session() as session:
            seen = seen_of(session.get_one(Alert, alert_id))
            defer(session, approve(session, alert_id, who, who, self.clock.now(), seen))

    async def until_issued(self, alert_id: UUID) -> Alert:
        await self.until(lambda: self.alert(alert_id).state is AlertState.ISSUED, "the alert is issued")
        return self.alert(alert_id)

    async def until_quiet(self, alert_id: UUID) -> None:
        """Everything has been sent, everyone who meant to has answered, and all that came back is written down."""
        await self.until(lambda: self._sent(alert_id) and not self.busy(), "everything is sent")
        await self.world.people.settled()
        await self.world.sms_hooks.settled()
        await self.world.line_hooks.settled()
        await self.until(lambda: not self.busy(), "what came back is written down")

    def _sent(self, alert_id: UUID) -> bool:
        """A tower without power is asked again and again: only a segment nobody has tried yet is unsent."""
        self.clock.forward(timedelta(seconds=1))  # whatever is to be tried later comes due
        made = self.rows(
            "SELECT channel, state, attempts FROM segment WHERE alert_id = :a AND channel <> 'person'",
            a=alert_id,
        )
        return bool(made) and all(
            row.state not in ("WAITING", "SENDING") or (row.channel == "towers" and row.attempts)
            for row in made
        )

    async def until(self, so: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await asyncio.to_thread(so):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"waited {PATIENCE_S:g} s and it is not so: {what}") from None

    def rows(self, query: str, **values: Any) -> list[Any]:
        with self.office.database.session() as session:
            return list(session.execute(text(query), values).all())

    def ledger(self, alert_id: UUID) -> dict[tuple[str, str], set[str]]:
        """(channel, opened address) -> states of its rows: what we say happened."""
        opened = {}
        with self.office.database.session() as session:
            for address in session.exec(select(Address)):
                opened[address.id] = self.office.keyring.open(address.sealed)
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in self.rows(
            "SELECT channel, address_id, state FROM delivery_status WHERE alert_id = :a", a=alert_id
        ):
            if row.channel != "person":
                found[row.channel, opened[row.address_id]].add(row.state)
        return found

    def book(self) -> set[tuple[str, str]]:
        """(our name of the channel, address): what the world says really arrived of the alerts; a conversation's answers are none."""
        ours = {"line": "line", "sms": "sms", "tower": "towers"}
        return {(ours[a.channel], a.address) for a in self.world.book.arrivals() if a.channel != "line_reply"}


@asynccontextmanager
async def night_office(database: Database, **rule: Any) -> AsyncIterator[NightOffice]:
    """rule: what is different tonight about the rule over X.170 (approval, released)."""
    clock, keyring = HandClock(NIGHT_BEGINS), Keyring.generate()
    nobody_yet: Any = SimpleNamespace(channels=(), sources=(), rules=())
    bare = Office(nobody_yet, database, clock, keyring, built_in_areas(), Mode.EXERCISE)
    _people(bare)
    port = free_port(
        "127.0.0.1", 18_400 + os.getpid() % 500 * 20
    )  # other tests look for one in the same moment
    settings = replace(
        world_settings(bare, f"http://127.0.0.1:{port}"),
        habits=QUICK,
        roughness=ROUGH,
        sms=Sms(SMS_TOKEN, SMS_SECRET, receipt_after_s=0.05, early=0.2),
    )
    stop = asyncio.Event()
    async with World(settings, now=clock.now) as world:
        office = replace(bare, config=_config(world, rule))
        app = FastAPI()
        app.state.office = office
        app.add_middleware(Door, office=office)
        pages = asyncio.create_task(serve_web(app, "127.0.0.1", port, stop))
        try:
            async with at_work(office, clock=False):
                yield NightOffice(office, world, clock)
        finally:
            stop.set()
            await pages


def _people(office: Office) -> None:
    """The invented contacts and homes of one tambon."""
    now = office.clock.now()
    rows = [r for r in synthetic_contacts(now.date()) if r.code.startswith(TAMBON)]
    with office.database.session() as session:
        import_contacts(session, office.keyring, rows, now)
        load_synthetic(
            session, office.keyring, (h for h in synthetic(HOMES * 3) if h.village_code.startswith(TAMBON))
        )
        for row in rows:
            if row.tower and row.tower.device_id:
                device = row.tower.device_id
                assert set_device_key(session, office.keyring, device, synthetic_device_key(device))


def _config(world: World, changes: dict[str, Any]) -> Config:
    config = night_config(world)
    (rule,) = (rule for rule in config.rules if rule.name == RULE)
    approval = changes.pop("approval", rule.approval)
    levels = tuple(level.model_copy(update={"approval": approval}) for level in rule.levels)
    tonight = {"tambons": (TAMBON,), "reach": "here", "levels": levels} | changes
    return config.model_copy(update={"rules": (rule.model_copy(update=tonight),)})
