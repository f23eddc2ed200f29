"""The two settings files that ship: both load, and the demo's night wakes its rule in time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from geo.gazetteer import gazetteer
from geo.rivers import downstream
from warning.alert import ApprovalPolicy
from warning.config import Config, load
from warning.rule import watched
from warning.rule_trial import try_rule
from warning.rules import Phase, Reading, RuleState, step_rule
from warning.world.night import reported

ROOT = Path(__file__).parents[2]
WORLD = {
    "WORLD_FEED_URL": "http://127.0.0.1:1",
    "WORLD_LINE_URL": "http://127.0.0.1:2",
    "WORLD_LINE_TOKEN": "line-t0ken",
    "WORLD_LINE_SECRET": "line-s3cret",
    "WORLD_SMS_URL": "http://127.0.0.1:3/v1/messages",
    "WORLD_SMS_TOKEN": "sms-t0ken",
    "WORLD_SMS_SECRET": "sms-s3cret",
    "WORLD_MQTT_HOST": "127.0.0.1",
    "WORLD_MQTT_PORT": "4",
}


def flows(station: str) -> dict[str, timedelta]:
    return {
        arrival.tambon: timedelta(minutes=arrival.minutes)
        for arrival in downstream(station)
        if arrival.minutes
    }


DUSK = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def office() -> Config:
    return load(ROOT / "config.yaml", {})


@pytest.fixture(scope="module")
def demo() -> Config:
    return load(ROOT / "warning" / "demo.yaml", WORLD)


def test_the_office_starts_with_no_key_at_all(office: Config) -> None:
    assert {s.name for s in office.sources if s.on} >= {
        "thaiwater-level",
        "thaiwater-rain",
        "open-meteo",
        "volunteer",
    }
    assert not any(c.live for c in office.channels if c.on)
    assert {w.name for w in office.waiting} >= {
        "tmd-warning",
        "line",
        "sms",
        "towers",
        "own-gauges",
        "own-lora",
    }


def test_what_is_off_can_be_switched_on_by_names_alone(tmp_path: Path, office: Config) -> None:
    names = {name: "8883" for waiting in office.waiting for name in waiting.needs}
    path = tmp_path / "config.yaml"
    path.write_text(
        (ROOT / "config.yaml").read_text(encoding="utf-8").replace("on: false", "on: true"), "utf-8"
    )
    everything = load(path, names)
    assert all(source.on for source in everything.sources)
    assert all(channel.on for channel in everything.channels)


def test_no_shipped_rule_sends_by_itself(office: Config) -> None:
    assert office.rules and not any(rule.released for rule in office.rules)
    assert {rule.approval_now for rule in office.rules} <= {
        ApprovalPolicy.DUTY_OFFICER,
        ApprovalPolicy.TWO_PERSON,
    }


def test_every_shipped_rule_has_instruments(office: Config, demo: Config) -> None:
    for rule in (*office.rules, *demo.rules):
        assert len(watched(rule, gazetteer())) >= rule.when.min_stations


def test_every_shipped_rule_is_tried_with_danger_and_with_a_dropout(office: Config) -> None:
    for rule in office.rules:
        assert any(test.expect for test in rule.tests) and any(not test.expect for test in rule.tests), (
            rule.name
        )
        for test in rule.tests:
            verdict = try_rule(rule, test, gazetteer(), flows)
            assert verdict.ok, (rule.name, test.name, verdict)


def test_an_hourly_gauge_may_miss_one_reading(office: Config) -> None:
    hourly = {"RID", "DWR"}
    for rule in office.rules:
        gauges = [
            g for code in watched(rule, gazetteer()) if (g := gazetteer().gauges.get(code))
        ]  # the rest are places
        if any(gauge.agency in hourly for gauge in gauges):
            assert rule.stale_after > timedelta(hours=2), rule.name


def test_the_demo_uses_only_simulated_channels_and_hides_its_secrets(demo: Config) -> None:
    assert {c.kind for c in demo.channels} == {"line", "sms_http", "village_pa"}
    assert all(c.simulated for c in demo.channels)
    assert not any(secret in repr(demo) for secret in ("t0ken", "s3cret"))


def test_the_scripted_night_wakes_the_demo_rule_before_the_water_is_over_the_bank(demo: Config) -> None:
    rule = next(r for r in demo.rules if r.name == "demo-na-thom-rises")
    every = next(s.every for s in demo.sources if s.kind == "thaiwater_level")
    states, readings, minute = {"X.170": RuleState()}, [], 0
    while states["X.170"].phase is not Phase.ACTIVE and minute < 60:
        told = reported("X.170", minute / 60)
        readings.append(Reading(DUSK + timedelta(hours=told.at_h), told.level_m))
        step_rule(rule, states, {"X.170": readings}, DUSK + timedelta(minutes=minute))
        minute += int(every.total_seconds() // 60)
    bank = gazetteer().gauge("X.170").bank_m
    assert minute <= 16 and bank is not None and readings[-1].value < bank


def test_the_demo_rule_warns_the_town_too() -> None:
    assert {"930112", "930106", "930101", "930109"} <= {arrival.tambon for arrival in downstream("X.170")}
