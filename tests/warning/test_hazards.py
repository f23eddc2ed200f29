"""A hazard an office adds by config alone: its rule is read and tried, its alert has words, a code and its own advice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geo.errors import ConfigError
from geo.gazetteer import gazetteer
from tests.warning.cap.test_documents import facts, made, schema
from warning.cap.validate import problems
from warning.cap.writer import cap_xml
from warning.config import load
from warning.hazards import known, take_in
from warning.rule_trial import try_rule
from warning.web.catalogue import say
from warning.words.template import compose

HAZARD = """
hazards:
  - name: volcanic_ash
    called: {th: เถ้าภูเขาไฟ, en: volcanic ash}
    oet: OET-210
    category: Geo
    do: {th: อยู่ในบ้าน ปิดประตูหน้าต่าง ใส่หน้ากาก, en: "Stay indoors, close doors and windows, wear a mask."}
    do_short: {th: อยู่ในบ้าน ใส่หน้ากาก, en: "Stay in, wear a mask"}
    arrives: {th: เถ้าอาจถึง, en: Ash may arrive}
"""
RULE = """
rules:
  - name: ash-in-the-air
    hazard: volcanic_ash
    because: A made-up hazard of the tests.
    when: {around: {quantity: pm25_24h, within_km: 60}, any_place_in: all, above: 150, lasting: PT0S}
    until: {below: 75, lasting: PT3H}
    stale_after: PT3H
    tambons: of_station
    alert: {severity: Severe, urgency: Immediate, certainty: Observed, responseType: Shelter}
    approval: duty_officer
    tests:
      - name: ash falls and is cleared
        every: PT1H
        from: 2026-11-22T00:00+07:00
        series: {930201 pm25_24h: "20 _ 180 200 60x5"}
        expect: [{at: PT2H, tambons: ["930201"]}]
"""
OFFICE = """
office: {name_th: สำนักงานทดสอบ, name_en: Test office, phone: "1784"}
sources: [{kind: air4thai, name: air, every: PT1H}]
channels: [{kind: notebook, name: book, folder: var/notebook, instead_of: sms}]
"""


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    take_in(())


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(OFFICE + text, encoding="utf-8")
    return path


def test_a_new_hazard_is_configuration(tmp_path: Path) -> None:
    (rule,) = load(config(tmp_path, HAZARD + RULE), {}).rules
    assert rule.hazard == "volcanic_ash" and try_rule(rule, rule.tests[0], gazetteer(), lambda _: {}).ok
    alert = facts(event="volcanic_ash", response_type="Shelter", severity="Severe", urgency="Immediate")
    words = compose(alert)
    assert "เถ้าภูเขาไฟ" in words.event_th and "ใส่หน้ากาก" in words.sms_th
    assert "Stay indoors, close doors" in repr(words)
    xml = cap_xml(made(alert))
    assert problems(xml) == []
    schema().validate(xml.decode())
    assert b"OET-210" in xml and b"<category>Geo</category>" in xml
    assert say("en", "event_volcanic_ash") == "volcanic ash" and "volcanic_ash" in known()


def test_it_is_forgotten_with_its_config(tmp_path: Path) -> None:
    load(config(tmp_path, HAZARD + RULE), {})
    with pytest.raises(ConfigError, match="volcanic_ash is no hazard"):
        load(config(tmp_path, RULE), {})
    assert "volcanic_ash" not in known()


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        pytest.param("volcanic_ash\n", "flash_flood\n", "is a hazard we have", id="taken"),
        pytest.param("OET-210", "210", "oet", id="no-code"),
        pytest.param("category: Geo", "category: Volcano", "category", id="no-category-of-cap"),
        pytest.param("    do_short", "    do_quick", "do_quick", id="unknown-key"),
        pytest.param(
            '"Stay in, wear a mask"', '"' + "Stay in " * 9 + '"', "at most 60", id="too-long-for-an-sms"
        ),
        pytest.param(
            "hazard: volcanic_ash", "hazard: volcanic_ask", "volcanic_ash", id="misspelt-in-the-rule"
        ),
    ],
)
def test_mistakes_say_how_to_mend_them(tmp_path: Path, was: str, becomes: str, says: str) -> None:
    text = HAZARD + RULE
    assert was in text
    with pytest.raises(ConfigError, match=says):
        load(config(tmp_path, text.replace(was, becomes)), {})
