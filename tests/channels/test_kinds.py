"""Channels are found by their file or their entry point; a bad plugin stops the start with its name."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from channels import kinds as module
from channels.contract import Channel
from geo.errors import ConfigError


def test_the_channels_of_this_folder() -> None:
    """In order, each with a file of its name, and none of a file that has only words or signatures."""
    found = list(module.kinds())
    assert found == sorted(found)
    assert {"line", "notebook", "sms_http", "village_pa", "email", "web_push", "partner_webhook"} <= set(
        found
    )
    assert not {"contract", "outcome", "webhook", "replies", "sms_text"} & set(found)


@pytest.mark.parametrize(
    ("point", "fault"),
    [
        pytest.param(EntryPoint("line", "channels.notebook:Notebook", ""), "taken", id="name-taken"),
        pytest.param(EntryPoint("fax", "channels.contract:Channel", ""), "not a", id="abstract"),
        pytest.param(EntryPoint("fax", "channels.webhook:header", ""), "not a", id="no-class"),
    ],
)
def test_a_plugin_that_cannot_be_used(point: EntryPoint, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "entry_points", lambda group: [point])
    with pytest.raises(ConfigError, match=fault):
        module.kinds.__wrapped__()


def test_a_plugin_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("fax", "channels.notebook:Notebook", "")
    monkeypatch.setattr(module, "entry_points", lambda group: [point])
    assert issubclass(module.kinds.__wrapped__()["fax"], Channel)


def test_a_sender_does_not_load_the_sdk() -> None:
    """line-bot-sdk takes two seconds and tens of MB; it judges our tests and sends nothing."""
    code = "import sys; from channels.kinds import kinds; kinds(); print('linebot' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
