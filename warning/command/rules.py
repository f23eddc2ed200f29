"""`raksa rules`: try the tests beside the rules, see which may send and why, release one."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from geo.errors import ConfigError, NotAllowed
from geo.gazetteer import gazetteer
from geo.rivers import downstream
from warning.accounts.user import User
from warning.alert import Mode
from warning.clock import WallClock
from warning.config_rules import rules_of
from warning.flood_log import Flood, card, read_log, reported
from warning.opening import DEFAULT_CONFIG, open_database, var_folder
from warning.release import RuleRelease, read_card, release, standing_of
from warning.rule import Rule
from warning.rule_trial import Verdict, try_rule
from warning.store.running_server import running_url

FEW_EVENTS = 10


def add(parsers: Any) -> None:
    verbs = parsers.add_parser("rules", help="try, list and release the rules of the config").add_subparsers(
        dest="verb", required=True
    )
    trial = verbs.add_parser(
        "test", help="run the tests beside the rules; 0: all right, 1: one failed, 2: unreadable"
    )
    trial.set_defaults(call=test)
    listing = verbs.add_parser("list", help="every rule, its version, its levels, and whether it may send")
    listing.set_defaults(call=show)
    listing.add_argument("--json", action="store_true")
    let = verbs.add_parser("release", help="let a rule send: a hindcast card and two people of the office")
    let.add_argument("name", help="of the rule")
    let.add_argument("--card", type=Path, required=True, help="what `raksa hindcast --save` wrote")
    let.add_argument("--by", required=True, metavar="USER", help="as `raksa users list` writes it")
    let.add_argument("--second", required=True, metavar="USER", help="another person of the office")
    let.set_defaults(call=let_send)
    by_log = verbs.add_parser(
        "card", help="a card by the office's flood log, where there is no series of past years"
    )
    by_log.add_argument("name", help="of the rule")
    by_log.add_argument("--log", type=Path, help="CSV: date,village,depth_cm")
    by_log.add_argument("--save", type=Path, help="the card that `raksa rules release` reads")
    by_log.set_defaults(call=card_by_log)
    trial.add_argument("names", nargs="*", metavar="NAME", help="of rules; all without")
    for parser in (trial, listing, let, by_log):
        parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)


def test(chosen: argparse.Namespace) -> int:
    rules = _named(rules_of(chosen.config), chosen.names)
    failed = tried = 0
    for rule in rules:
        if not rule.tests:
            print(f"{rule.name}: ไม่มีการทดสอบ / no tests")
        for trial in rule.tests:
            verdict = try_rule(rule, trial, gazetteer(), _downstream)
            tried, failed = tried + 1, failed + (not verdict.ok)
            print(f"{rule.name}: {trial.name}: {'ok' if verdict.ok else 'FAILED'}")
            if not verdict.ok:
                _explain(verdict)
    print(f"{tried} tests of {len(rules)} rules, {failed} failed")
    return int(bool(failed))


def _explain(verdict: Verdict) -> None:
    for wanted in verdict.missing:
        print(f"  expected  {wanted}")
    for came in verdict.got:
        print(f"  got       {came}{'   (not expected)' if came in verdict.unexpected else ''}")
    if not verdict.got:
        print("  got       nothing")


def show(chosen: argparse.Namespace) -> int:
    rules = rules_of(chosen.config)
    with _session() as session:
        releases = {(r.rule, r.version): r for r in session.exec(select(RuleRelease))}
        names = {str(user.id): user.name for user in session.exec(select(User))}
        rows = [_row(rule, releases, names) for rule in rules]
    if chosen.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        off = "" if row["on"] else "  ปิดอยู่ / off"
        print(f"{row['name']}  {row['version']}  [{', '.join(row['levels'])}]  {row['tests']} tests{off}")
        print(f"    {row['why_th']} / {row['why_en']}")
    return 0


def _row(rule: Rule, releases: dict[tuple[str, str], RuleRelease], names: dict[str, str]) -> dict[str, Any]:
    th, en = standing_of(rule, releases, names)
    return {
        "name": rule.name, "version": rule.version, "hazard": rule.hazard, "on": rule.on,
        "levels": [str(level.name) for level in rule.levels], "tests": len(rule.tests),
        "may_send": rule.released and (rule.name, rule.version) in releases, "why_th": th, "why_en": en,
    }  # fmt: skip


def let_send(chosen: argparse.Namespace) -> int:
    (rule,) = _named(rules_of(chosen.config), [chosen.name])
    try:
        card = read_card(chosen.card.read_bytes())
    except OSError as error:
        raise ConfigError(f"{chosen.card}: cannot be read ({error.strerror})") from error
    failed = [t.name for t in rule.tests if not try_rule(rule, t, gazetteer(), _downstream).ok]
    if failed:
        raise NotAllowed(f"การทดสอบของกฎไม่ผ่าน (tests of the rule fail: {', '.join(failed)})")
    with _session() as session:
        by, second = (_user(session, name) for name in (chosen.by, chosen.second))
        session.info["actor"] = str(by.id)
        made = release(session, rule, card, by, second, WallClock().now())
        print(f"{rule.name} {made.version}: ปล่อยใช้แล้ว / released by {by.name} + {second.name}")
    if not rule.released:
        print(
            f"เขียน released: true ใน {chosen.config.name} / now write released: true in {chosen.config.name}"
        )
    return 0


def card_by_log(chosen: argparse.Namespace) -> int:
    (rule,) = _named(rules_of(chosen.config), [chosen.name])
    floods: list[Flood] = []
    if chosen.log:
        try:
            floods += read_log(chosen.log.read_text(encoding="utf-8"), chosen.log.name)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{chosen.log}: cannot be read as UTF-8 text ({error})") from error
    with _session() as session:
        made = card(session, rule, [*floods, *reported(session, Mode.ACTUAL)], WallClock().now())
    print(json.dumps(made, ensure_ascii=False, indent=1))
    if made["events"] < FEW_EVENTS:
        print(
            f"เหตุการณ์ {made['events']} ครั้ง ยังบอกอะไรได้น้อย / {made['events']} events prove little",
            file=sys.stderr,
        )
    if chosen.save:
        chosen.save.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


def _named(rules: Sequence[Rule], names: Sequence[str]) -> Sequence[Rule]:
    """Raises ConfigError for a name no rule has."""
    known = {rule.name: rule for rule in rules}
    for name in names:
        if name not in known:
            raise ConfigError(f"no rule is named {name}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else rules


def _downstream(station: str) -> dict[str, timedelta]:
    return {a.tambon: timedelta(minutes=a.minutes) for a in downstream(station) if a.minutes}


def _user(session: Session, name: str) -> User:
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
