"""A troubled night: an alert for invented people over simulated gateways, with workers of their own that may be killed.

Everything is of this machine, of its own folder and of exercise mode; nothing here can reach anybody.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
from sqlalchemy.exc import OperationalError

from geo.areas import built_in_areas
from geo.errors import ConfigError
from geo.sealed import Keyring
from geo.synthetic import synthetic
from geo.synthetic_load import load_synthetic, load_synthetic_contacts
from warning import demo
from warning.alert import Mode
from warning.office import Office
from warning.running import at_work, free_port, serve_web
from warning.store.database import Database
from warning.store.embedded import EmbeddedPostgres
from warning.store.migrate import migrate
from warning.trouble import script as words
from warning.trouble.office_side import issue, judged, look, waiting
from warning.trouble.shifted_clock import ShiftedClock
from warning.trouble.worker import Settings, config_of
from warning.world import unrest
from warning.world.people import Habits, Manner
from warning.world.world import World

HOST = "127.0.0.1"
LOOK_EVERY_S = 0.25
QUIET_S = 3.0  # nothing has moved for so long, and nothing is due: the night is over
Tell = Callable[[str], None]


def play(script: words.Script, folder: Path, tell: Tell) -> dict[str, Any]:
    """The whole night in an empty folder: the verdict, how long it took, and what was done to whom."""
    with _server(folder) as (server, database):
        keyring = Keyring.load(folder / "keyring.json")
        clock = ShiftedClock(folder / "clock_shift_s")
        nobody_yet: Any = SimpleNamespace(channels=(), sources=(), rules=())
        bare = Office(nobody_yet, database, clock, keyring, built_in_areas(), Mode.EXERCISE)
        with database.session() as session:
            load_synthetic_contacts(session, keyring, clock.now())
            load_synthetic(session, keyring, synthetic(script.homes))
        return asyncio.run(_Night(script, folder, bare, clock, tell, server).run())


@contextmanager
def _server(folder: Path) -> Iterator[tuple[EmbeddedPostgres, Database]]:
    """A server that may be crashed: of this night only."""
    server = EmbeddedPostgres(folder)
    database = Database.connect(server.url)
    try:
        migrate(database)
        yield server, database
    finally:
        database.close()
        server.stop()


class _Night:
    def __init__(
        self,
        script: words.Script,
        folder: Path,
        bare: Office,
        clock: ShiftedClock,
        tell: Tell,
        server: EmbeddedPostgres,
    ) -> None:
        self._script, self._folder, self._bare, self._clock, self._tell = script, folder, bare, clock, tell
        self._server = server
        self._workers: list[subprocess.Popen[bytes]] = []
        self._settings: Settings | None = None
        self._away = False  # the database, on purpose
        self._killed = 0
        self._doing: set[asyncio.Task[None]] = set()

    async def run(self) -> dict[str, Any]:
        port = free_port(HOST, 18900)
        plan = demo.world_settings(self._bare, f"http://{HOST}:{port}")
        plan = replace(plan, starts=None, sms=replace(plan.sms, rate_per_s=None, never=0, early=0),
                       towers=tuple(replace(t, dead=False) for t in plan.towers))  # fmt: skip
        if not self._script.answers:
            plan = replace(plan, habits=Habits({Manner.SILENT: 1.0}, {Manner.SILENT: 1.0}))
        async with World(plan, now=self._clock.now) as world:
            named = _environment(world)
            office = replace(self._bare, config=config_of(named, self._script.sms_per_s))
            self._settings = Settings(
                office.database.url,
                str(self._folder / "keyring.json"),
                str(self._clock.file),
                named,
                self._script.sms_per_s,
            )
            stop = asyncio.Event()
            async with at_work(office, worker=False, clock=False):
                pages = asyncio.create_task(_pages(office, port, stop))
                for _ in range(self._script.workers):
                    self._workers.append(await self._hire())
                try:
                    return await self._live(office, world)
                finally:
                    self._dismiss()
                    stop.set()
                    await pages

    async def _live(self, office: Office, world: World) -> dict[str, Any]:
        alert_id = await asyncio.to_thread(issue, office, self._script.severity)
        self._tell("issued")
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        async with unrest.unrest([self._step(world, entry) for entry in self._script.faults]):
            ended = await self._until_quiet(office, world, began_s)
        for task in self._doing:
            task.cancel()
        await asyncio.gather(*self._doing, return_exceptions=True)
        told = await asyncio.to_thread(judged, office, world, alert_id)
        if not ended:
            told["right"] = False
            left = await asyncio.to_thread(waiting, office)
            told["why"] = [
                *told["why"],
                f"after {self._script.most_s:g} s something still moved; not sent: {'; '.join(left) or 'nothing'}",
            ]
        return {
            "seconds": round(loop.time() - began_s, 1), "workers_killed": self._killed,
            "reports_lost_on_purpose": world.sms_hooks.swallowed + world.line_hooks.swallowed, **told,
        }  # fmt: skip

    async def _until_quiet(self, office: Office, world: World, began_s: float) -> bool:
        """True when every fault has happened, nothing is due any more, and nothing has moved for some seconds."""
        loop = asyncio.get_running_loop()
        last_fault_s = began_s + max((_ends_at(e) for e in self._script.faults), default=0.0)
        before, since_s = "", loop.time()
        while loop.time() - began_s < self._script.most_s:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._away:
                continue
            try:
                seen, open_segments = await asyncio.to_thread(look, office)
            except (OperationalError, psycopg.Error):
                continue
            seen += f" {len(world.book.arrivals())}"
            if seen != before or open_segments:
                before, since_s = seen, loop.time()
            elif loop.time() > last_fault_s and loop.time() - since_s > QUIET_S:
                return True
        return False

    def _step(
        self, world: World, entry: words.Entry
    ) -> tuple[float, float | None, Callable[[], unrest.Undo]]:
        match entry:
            case words.AtGateway():
                return (
                    entry.at,
                    entry.lasts,
                    lambda: unrest.gateway(world, entry.gateway, entry.do, entry.calls),
                )
            case words.Quota():
                return entry.at, entry.lasts, lambda: unrest.quota(world, entry.line_quota)
            case words.Reports():
                return entry.at, entry.lasts, lambda: unrest.reports(
                    world, lost=entry.lost, doubled=entry.doubled, late=entry.late, early=entry.early, late_s=entry.late_s
                )  # fmt: skip
            case words.DeadTowers():
                return entry.at, None, lambda: unrest.towers(world, entry.dead_towers)
            case words.Workers():
                return entry.at, None, lambda: self._begin(self._kill(entry))
            case words.DatabaseRestart():
                return entry.at, None, lambda: self._begin(self._restart(entry.away))
            case words.ClockJump():
                return entry.at, None, lambda: self._jump(entry.clock_jump_s)

    def _begin(self, doing: Any) -> unrest.Undo:
        task = asyncio.create_task(doing)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)
        return lambda: None

    def _jump(self, by_s: float) -> unrest.Undo:
        self._clock.put(by_s)
        return lambda: None

    async def _kill(self, entry: words.Workers) -> None:
        for _ in range(entry.times):
            chosen = self._workers[:1] if entry.kill == "one" else list(self._workers)
            for worker in chosen:
                worker.send_signal(signal.SIGKILL)
                await asyncio.to_thread(worker.wait)
                self._workers.remove(worker)
                self._killed += 1
            self._tell(f"killed {len(chosen)}")
            if entry.back_after is not None:
                await asyncio.sleep(entry.back_after)
                for _ in chosen:
                    self._workers.append(await self._hire())
            if not self._workers:
                return
            await asyncio.sleep(entry.every)

    async def _restart(self, away_s: float) -> None:
        self._away = True
        self._tell("the database goes")
        try:
            await asyncio.to_thread(self._server.crash_and_return, away_s)
        finally:
            self._away = False
        self._tell("the database is back")

    async def _hire(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "warning.trouble.worker", json.dumps(asdict(self._settings))]  # type: ignore[arg-type]
        with (self._folder / "workers.log").open("ab") as log:
            worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: S603
        if not await asyncio.to_thread(worker.stdout.readline):  # type: ignore[union-attr]
            said = (
                (self._folder / "workers.log")
                .read_text(encoding="utf-8", errors="replace")
                .strip()
                .splitlines()
            )
            worker.stdout.close()  # type: ignore[union-attr]
            raise ConfigError(f"a worker did not start: {said[-1] if said else 'it said nothing'}")
        worker.stdout.close()  # type: ignore[union-attr]
        return worker

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            try:
                worker.wait(timeout=10)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


async def _pages(office: Office, port: int, stop: asyncio.Event) -> None:
    from warning.web.app import make_app  # webhooks come in over the office's own pages

    await serve_web(make_app(office), HOST, port, stop)


def _environment(world: World) -> dict[str, str]:
    return {
        "WORLD_FEED_URL": world.feed_url, "WORLD_LINE_URL": world.line_url, "WORLD_LINE_TOKEN": world.line_token,
        "WORLD_LINE_SECRET": world.line_secret, "WORLD_SMS_URL": world.sms_url, "WORLD_SMS_TOKEN": world.sms_token,
        "WORLD_SMS_SECRET": world.sms_secret, "WORLD_MQTT_HOST": world.mqtt_host, "WORLD_MQTT_PORT": str(world.mqtt_port),
    }  # fmt: skip


def _ends_at(entry: words.Entry) -> float:
    match entry:
        case words.Workers():
            return entry.at + entry.times * (entry.every + (entry.back_after or 0))
        case words.DatabaseRestart():
            return entry.at + entry.away
        case words.AtGateway() | words.Quota() | words.Reports():
            return entry.at + (entry.lasts or 0)
        case _:
            return entry.at
