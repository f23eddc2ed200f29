"""`raksa check`: its three exit codes, what it names, and that it leaves everything as it was."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from geo.areas import built_in_areas
from geo.gazetteer import gazetteer
from geo.people import Address, AddressKind, Audience
from geo.sealed import Keyring
from warning.clock import HandClock
from warning.command import main
from warning.config import load
from warning.readiness import (
    Standing,
    blind_tambons,
    everything_on_is_ready,
    of_settings,
    what_no_computer_can_do,
)
from warning.readiness_registry import of_registry, schema_item
from warning.source_state import SourceState
from warning.store.database import Database
from warning.store.running_server import running_url

SHIPPED = Path(__file__).parents[2] / "config.yaml"
NOWHERE = "http://127.0.0.1:9/sms"  # the discard port: nothing listens


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "var"))
    for name in ("DATABASE_URL", "TMD_UID", "LINE_CHANNEL_TOKEN", "SMS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], config: Path) -> tuple[int, dict[str, dict[str, str]]]:
    code = main(["check", "--json", "--config", str(config)])
    told = json.loads(capsys.readouterr().out)
    return code, {item["key"]: item for item in told.get("items", [])}


def with_sms_at(url: str, tmp_path: Path) -> Path:
    """The shipped office with its SMS channel switched on."""
    whole = SHIPPED.read_text(encoding="utf-8")
    before = "    name: sms\n    on: false\n    url: ${SMS_URL}\n"
    assert before in whole
    file = tmp_path / "config.yaml"
    shutil.copytree(SHIPPED.parent / "rules", tmp_path / "rules")
    file.write_text(whole.replace(before, f"    name: sms\n    url: {url}\n"), encoding="utf-8")
    return file


def test_the_shipped_office_is_ready_and_says_what_is_not_there(
    capsys: pytest.CaptureFixture[str], own_folder: Path
) -> None:
    code, items = check(capsys, SHIPPED)
    assert code == 0
    assert items["live"]["standing"] == "better" and "ยังไม่ได้ส่งถึงใคร" in items["live"]["th"]
    assert "TMD_UID, TMD_UKEY" in items["sources tmd-warning"]["mend_en"]
    assert "670 of 670" in items["registry"]["en"]
    assert {"sms sender name", "line quota", "public address", "cell broadcast"} <= items.keys()
    assert not (own_folder / "var").exists()  # it looks, and makes nothing


def test_every_line_is_complete_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    _, items = check(capsys, SHIPPED)
    for item in items.values():
        assert item["th"] and item["en"]
        assert bool(item["mend_th"]) == bool(item["mend_en"])
        assert item["standing"] == "ready" or item["mend_en"], item


def test_a_channel_that_is_on_and_does_not_answer_is_1(
    capsys: pytest.CaptureFixture[str], own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_TOKEN", "s3cret-token")
    monkeypatch.setenv("SMS_CALLBACK_SECRET", "s3cret-hook")
    code, items = check(capsys, with_sms_at(NOWHERE, own_folder))
    assert code == 1
    assert items["channel sms"]["standing"] == "missing" and items["channel sms"]["mend_th"]
    assert "s3cret" not in json.dumps(items)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(None, "cannot be read", id="no-such-file"),
        pytest.param("offices: {}\n", "offices", id="unknown-section"),
    ],
)
def test_a_config_that_cannot_be_read_is_2(
    capsys: pytest.CaptureFixture[str], own_folder: Path, text: str | None, says: str
) -> None:
    file = own_folder / "mine.yaml"
    if text is not None:
        file.write_text(text)
    assert main(["check", "--config", str(file)]) == 2
    assert says in capsys.readouterr().err
    assert main(["check", "--json", "--config", str(file)]) == 2
    assert says in " ".join(json.loads(capsys.readouterr().out)["config"])


def test_a_missing_secret_is_2_and_named(capsys: pytest.CaptureFixture[str], own_folder: Path) -> None:
    assert main(["check", "--config", str(with_sms_at(NOWHERE, own_folder))]) == 2
    assert "SMS_TOKEN" in capsys.readouterr().err


def test_a_database_that_is_away_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:s3cret@127.0.0.1:9/none")
    code, items = check(capsys, SHIPPED)
    assert code == 1
    assert items["database"]["standing"] == "missing"
    assert "s3cret" not in json.dumps(items)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("nonsense s3cret", id="no-address"),
        pytest.param("mysql://u:s3cret@127.0.0.1/x", id="another-database"),
        pytest.param("sqlite:///s3cret.db", id="a-file"),
        pytest.param("postgresql://u:s3cret@127.0.0.1:abc/x", id="port-in-letters"),
    ],
)
def test_an_address_of_no_postgresql_is_1_and_stays_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    code, items = check(capsys, SHIPPED)
    assert (code, items["database"]["standing"]) == (1, "missing")
    assert "s3cret" not in json.dumps(items)
    assert main(["users", "list"]) == 2
    told = capsys.readouterr().err
    assert "postgresql://user@host" in told and "s3cret" not in told


def test_an_address_set_to_nothing_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    code, items = check(capsys, SHIPPED)
    assert (code, items["database"]["standing"]) == (0, "ready")


def test_a_folder_nobody_can_write_to_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RAKSA_VAR", str(tmp_path / "file" / "var"))
    code, items = check(capsys, SHIPPED)
    assert code == 1 and "RAKSA_VAR" in items["folder"]["mend_en"]


def test_torn_keys_are_1(capsys: pytest.CaptureFixture[str], own_folder: Path) -> None:
    file = own_folder / "var" / "keys" / "keyring.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"keys": "s3cret"')
    file.chmod(0o600)
    code, items = check(capsys, SHIPPED)
    assert code == 1 and "backup" in items["keys"]["mend_en"]
    assert "s3cret" not in json.dumps(items)


@pytest.mark.parametrize("story", ["[]", "{}", "null", '{"file": 3, "shapes": 3}', "half"])
def test_a_torn_map_is_2(capsys: pytest.CaptureFixture[str], own_folder: Path, story: str) -> None:
    (own_folder / "var" / "geo").mkdir(parents=True)
    (own_folder / "var" / "geo" / "areas.json").write_text(story)
    assert main(["check", "--config", str(SHIPPED)]) == 2
    assert "import the file again" in capsys.readouterr().err


def test_an_office_at_work_is_looked_at_and_left_at_work(
    capsys: pytest.CaptureFixture[str], own_folder: Path
) -> None:
    """The office holds the folder in another process, as it does in life."""
    script = (
        "import sys, pathlib\nfrom warning.store.embedded import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), fast_and_loose=True)\n"
        "print('up', flush=True)\nsys.stdin.read()\nserver.stop()\n"
    )
    var = own_folder / "var"
    office = subprocess.Popen(
        [sys.executable, "-c", script, str(var)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=SHIPPED.parent,
    )  # fmt: skip
    assert office.stdin and office.stdout
    try:
        assert office.stdout.readline() == "up\n"
        code, items = check(capsys, SHIPPED)
        assert (code, items["database"]["standing"]) == (0, "ready")
        assert running_url(var) is not None
        assert office.poll() is None
    finally:
        office.stdin.close()
        office.wait(20)
        office.stdout.close()
    assert running_url(var) is None


def test_a_left_behind_pid_file_is_no_server(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "postmaster.pid").write_text(f"{2**22 + os.getpid()}\n/x\n1\n5432\n/tmp\n\n")
    assert running_url(tmp_path) is None


def test_the_registry_counts_verified_phones_not_names(database: Database) -> None:
    ring, village = Keyring.generate(), "93110201"

    def phone(n: int, verified: bool) -> Address:
        number = f"+6681234567{n}"
        return Address(
            id=uuid4(), audience=Audience.CONTACT, kind=AddressKind.SMS, tambon_code=village[:6], village_code=village,
            nth=n, owner_id=uuid4(), sealed=ring.seal(number), hash=ring.fingerprint(number),
            verified_on=date(2026, 10, 1) if verified else None,
        )  # fmt: skip

    def weak() -> str:
        with database.session() as session:
            return next(i.en for i in of_registry(session, set()) if i.key == "registry")

    for n, verified, expected in ((0, True, 670), (1, False, 670), (2, True, 669)):
        with database.session() as session:
            session.add(phone(n, verified))
        assert weak().startswith(f"{expected} of 670")


def test_only_a_source_that_is_on_can_be_at_fault(database: Database, clock: HandClock) -> None:
    with database.session() as session:
        session.add(SourceState(source="thaiwater-level", tried_at=clock.now(), fault="ไม่ตอบ (no answer)"))
    with database.session() as session:
        assert schema_item(session).standing is Standing.READY
        assert not everything_on_is_ready(of_registry(session, {"thaiwater-level"}))
        assert everything_on_is_ready(of_registry(session, {"another"}))


def test_blind_means_no_instrument_here_or_upstream() -> None:
    blind, places = blind_tambons(), gazetteer()
    assert set(blind["rain"]) == {t for t in places.tambons if not places.gauges_of(t, "rain")}
    assert "930112" not in blind["river"]  # X.170 stands there
    assert all(not places.gauges_of(t, "level") for t in blind["river"])


def test_a_public_address_ends_one_errand() -> None:
    config = load(SHIPPED, {})
    office = config.office.model_copy(update={"public_url": "https://raksa.example.go.th"})
    keys = {i.key for i in what_no_computer_can_do(config.model_copy(update={"office": office}))}
    assert "public address" not in keys and "cell broadcast" in keys
    assert everything_on_is_ready(of_settings(config, built_in_areas()))
