"""`raksa demo`: a scripted flood night in exercise mode. `make run` does this. Ctrl-C ends it; nothing stays behind."""

import argparse
import asyncio
import logging
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from geo.areas import load_areas
from geo.sealed import Keyring
from geo.when import clock_text
from warning import demo
from warning.alert import Mode
from warning.cover_totals import totals
from warning.demo_relief import relief_at_work
from warning.office import Office
from warning.opening import open_database, var_folder
from warning.running import at_work, free_port, serve_web, stop_on_signals
from warning.world.world import World

HOST = "127.0.0.1"
TELL_EVERY_S = 5.0


def add(parsers: Any) -> None:
    parser = parsers.add_parser("demo", help="a scripted flood night in exercise mode, on simulated gateways")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--seconds", type=float, default=None, help="end by itself after so many seconds")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    with demo.fresh_folder(var_folder()) as var, open_database(var, None) as database:
        keyring = Keyring.load(var / "keyring.json")
        nobody_yet: Any = SimpleNamespace(channels=(), sources=(), rules=())
        office = Office(
            nobody_yet, database, demo.night_clock(), keyring, load_areas(var_folder() / "geo"), Mode.EXERCISE
        )
        demo.people_of_the_night(office)
        asyncio.run(_night(office, chosen))
    return 0


async def _night(bare: Office, chosen: argparse.Namespace) -> None:
    from warning.web.app import make_app  # the other commands serve no pages

    stop = asyncio.Event()
    port = free_port(HOST, chosen.port)
    address = f"http://{HOST}:{port}"
    with stop_on_signals(stop):
        clock = demo.night_clock()  # the night begins when its world does
        async with World(demo.world_settings(bare, address), now=clock.now) as world:
            office = replace(bare, config=demo.night_config(world), clock=clock)
            async with (
                at_work(office),
                demo.robot_at_work(office, lambda n: _say(office, f"robot officer approved {n}")),
                relief_at_work(office, address, lambda words: _say(office, words)),
            ):
                print(f"ฝึกซ้อม / EXERCISE  Raksa (รักษา): {address}   (Ctrl-C ends the night)", flush=True)
                print(f"ทีมภาคสนาม / field team: {address}/demo/team", flush=True)
                telling = asyncio.create_task(_tell(office))
                if chosen.seconds:
                    asyncio.get_running_loop().call_later(chosen.seconds, stop.set)
                await serve_web(make_app(office, demo=True), HOST, port, stop)
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
    print("the night is over", file=sys.stderr)


def _say(office: Office, words: str) -> None:
    print(f"{clock_text(office.clock.now())}  {words}", flush=True)


async def _tell(office: Office) -> None:
    """One line whenever the numbers have changed."""
    last = ""
    while True:
        await asyncio.sleep(TELL_EVERY_S)
        line = await asyncio.to_thread(_line, office)
        if line != last:
            last = line
            _say(office, line)


def _line(office: Office) -> str:
    with office.database.session() as session:
        counted = totals(session, office.mode)
    homes, villages = counted["households"], counted["villages"]
    if not villages["total"]:
        return "watching the rivers; no alert in force"
    return (
        f"villages answered {villages['reached']}/{villages['total']}; homes reached {homes['reached']}, "
        f"waiting {homes['waiting']}, unreached {homes['unreached']} of {homes['total']}"
    )
