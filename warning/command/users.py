"""`raksa users`: who is in the book of users, and a way in when every administrator is lost. Works beside a running office."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from geo.errors import ConfigError, NotAllowed
from geo.when import thai_text
from warning.accounts.admin import everybody, some_administrator
from warning.accounts.user import User, make_link
from warning.clock import WallClock
from warning.config import load
from warning.opening import DEFAULT_CONFIG, open_database, var_folder
from warning.store.running_server import running_url

ACTOR = "command line"


def add(parsers: Any) -> None:
    verbs = parsers.add_parser(
        "users", help="who may sign in; a link for whoever is locked out"
    ).add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="every user, with roles and when last seen").set_defaults(call=show)
    link = verbs.add_parser("link", help="print a one-time link, for an administrator unless a name is given")
    link.add_argument("--name", help="of a user, as `raksa users list` writes it")
    link.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    link.set_defaults(call=new_link)


def show(chosen: argparse.Namespace) -> int:
    with _session() as session:
        for user, seen, opened in everybody(session, WallClock().now()):
            state = "" if user.active else "  ระงับ / deactivated"
            when = thai_text(seen) if seen else "-"
            print(f"{user.name}  [{', '.join(user.roles)}]  {when}  ({opened} open){state}")
    return 0


def new_link(chosen: argparse.Namespace) -> int:
    base = _address(chosen.config)
    with _session() as session:
        now = WallClock().now()
        session.info["actor"] = ACTOR
        user = _named(session, chosen.name) if chosen.name else some_administrator(session, now)
        token = make_link(session, user.id, now, ACTOR)
        name = user.name
    print(f"{name}: ใช้ครั้งเดียว ภายใน 24 ชม. / once, within 24 h: {base}/sign-in/{token}")
    return 0


def _address(config: Path) -> str:
    """Where the pages are. Secrets may be missing here (they are the service's): then the reader knows the address better."""
    try:
        office = load(config, os.environ).office
    except ConfigError:
        return "http://..."
    return str(office.public_url or f"http://{office.host}:{office.port}").rstrip("/")


def _named(session: Session, name: str) -> User:
    found = session.exec(select(User).where(User.name == name)).all()
    if len(found) != 1:
        raise NotAllowed(f"มีผู้ใช้ชื่อ {name} {len(found)} คน (users named {name}: {len(found)})")
    return found[0]


@contextmanager
def _session() -> Iterator[Session]:
    """One transaction in the office's own database, also while the office is at work."""
    var = var_folder()
    url = os.environ.get("DATABASE_URL") or running_url(var)
    with open_database(var, url) as database, database.session() as session:
        yield session
