"""The settings: what is right loads, and every mistake is one clear line with the mend."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import ConfigError
from tests.config.kinds import CHANNELS, ENV, SOURCES
from warning.alert import ApprovalPolicy
from warning.config import Config, load
from warning.config_words import is_duration

HERE = Path(__file__).parent
MISTAKES = sorted((HERE / "mistakes").glob("*.yaml"))
RIGHT = (HERE / "right.yaml").read_text(encoding="utf-8")

LAUGHS = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
)  # 43 million values in 400 bytes


def read(path: Path, env: dict[str, str] | None = None) -> Config:
    return load(path, ENV if env is None else env, source_kinds=SOURCES, channel_kinds=CHANNELS)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(path: Path, env: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(path, env)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_each_mistake_is_one_clear_line(path: Path) -> None:
    begin = "# expect "
    expected = [
        f"{path.name}:{line.removeprefix(begin)}"
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(begin)
    ]
    assert expected, "say in the first lines what is expected"
    assert complaints(path) == expected


def test_there_are_mistakes_to_learn_from() -> None:
    assert len(MISTAKES) >= 50


def test_what_is_right_loads() -> None:
    config = read(HERE / "right.yaml")
    assert [s.name for s in config.sources] == ["gauges"]
    assert config.channels[0].model_dump()["port"] == 8081
    assert config.rules[0].approval is ApprovalPolicy.DUTY_OFFICER
    assert config.approval.policy("Extreme") is ApprovalPolicy.SEND_THEN_REVIEW
    assert config.waiting == ()


def test_no_secret_shows() -> None:
    config = read(HERE / "right.yaml")
    assert config.channels[0].model_dump()["token"].get_secret_value() == "s3cret-token"
    assert "s3cret" not in repr(config) + str(config) + config.model_dump_json(exclude={"sources"})


def test_a_secret_in_a_file_with_mistakes_is_not_repeated(tmp_path: Path) -> None:
    text = RIGHT.replace("${SMS_TOKEN}", "hunter2").replace("port: ${SMS_PORT}", "port: [1]")
    assert "hunter2" not in "\n".join(complaints(written(tmp_path, text)))


@pytest.mark.parametrize("word", ["false", "off", '"false"'])
def test_an_entry_that_is_off_needs_no_secret_and_says_what_it_waits_for(tmp_path: Path, word: str) -> None:
    off = RIGHT.replace("    name: sms\n", f"    name: sms\n    on: {word}\n")
    config = read(written(tmp_path, off), env={})
    (waiting,) = config.waiting
    assert waiting.name == "sms" and set(waiting.needs) == {"SMS_TOKEN", "SMS_PORT"}
    assert config.channels == ()  # a port without its number makes no gateway
    assert read(written(tmp_path, off)).channels[0].on is False


def test_an_entry_that_is_off_must_still_be_spelt_right(tmp_path: Path) -> None:
    off = RIGHT.replace("    name: sms\n", "    name: sms\n    on: false\n    tokn: x\n")
    assert ["did you mean token?" in line for line in complaints(written(tmp_path, off), env={})] == [True]


def test_a_name_set_to_nothing_is_not_set() -> None:
    assert [
        "SMS_TOKEN is not set" in c for c in complaints(HERE / "right.yaml", ENV | {"SMS_TOKEN": ""})
    ] == [True]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "must hold sections", id="empty"),
        pytest.param(b"- a\n", "must hold sections", id="a-list"),
        pytest.param(b"office: \xff\xfe", "not UTF-8", id="not-utf8"),
        pytest.param(b"a: " + b"[" * 5_000 + b"]" * 5_000, "too deep", id="brackets-in-brackets"),
        pytest.param(LAUGHS, "more than 100,000 values", id="aliases-of-aliases"),
        pytest.param(b"a: \x07", "a character that YAML does not allow", id="control-character"),
    ],
)
def test_what_is_no_config_at_all(tmp_path: Path, body: bytes, words: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(body)
    (line,) = complaints(path)
    assert words in line and line.startswith("config.yaml:")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (line,) = complaints(tmp_path / "config.yaml")
    assert "cannot be read" in line


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("PT20M", True), ("PT1H30M", True), ("P7D", True), ("P1DT12H", True), ("P2W", True), ("PT0S", True),
        ("P", False), ("PT", False), ("P1M", False), ("P1Y", False), ("20:00", False), ("1200", False),
        ("P1DT", False),
    ],
)  # fmt: skip
def test_durations(text: str, right: bool) -> None:
    assert is_duration(text) is right


@given(st.data())
def test_any_garbled_line_is_told_clearly(tmp_path_factory: Any, data: st.DataObject) -> None:
    """A line of the right file dropped, doubled or garbled never ends in another error than ConfigError."""
    lines = RIGHT.splitlines()
    nth = data.draw(st.integers(0, len(lines) - 1))
    lines[nth] = data.draw(
        st.sampled_from(
            ["", lines[nth] * 2, lines[nth][: len(lines[nth]) // 2], lines[nth].replace(":", ": [")]
        )
        | st.text(alphabet='abc:{}[]"-& *!#|>0123\n ', max_size=30)
    )
    path = written(tmp_path_factory.mktemp("any"), "\n".join(lines))
    try:
        read(path)
    except ConfigError as error:
        assert all(line.startswith("config.yaml") for line in str(error).splitlines())


@pytest.mark.parametrize(("value", "kept"), [(" ", None), ("\n", None), ("s3cret\n", "s3cret")])
def test_blanks_around_a_secret_are_no_part_of_it(tmp_path: Path, value: str, kept: str | None) -> None:
    path = written(tmp_path, RIGHT)
    env = ENV | {"SMS_TOKEN": value}
    if kept is None:
        assert "SMS_TOKEN is not set" in complaints(path, env)[0]
    else:
        assert read(path, env).channels[0].model_dump()["token"].get_secret_value() == kept
