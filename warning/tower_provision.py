"""A new controller gets its settings: a fresh key of its own, the key of its tests, and where the broker is."""

import secrets

import yaml
from sqlmodel import Session

from channels import pa_command
from channels.village_pa import VillagePa
from geo.errors import NotAllowed
from geo.roster import set_device_key
from geo.sealed import Keyring

BROKER_PASSWORD = "the password of this device at the broker"  # noqa: S105 - a sentence to be replaced


def provision(
    session: Session,
    keyring: Keyring,
    device: str,
    master: str,
    channel: VillagePa | None,
    clips_url: str | None,
) -> str:
    """The text of agent.yaml for one device. Its old key, if it had one, is over: a lost box obeys nobody and is obeyed by none.

    master: the office's key for tests. channel: the loudspeakers' entry of config.yaml, None where there is none yet.
    Raises NotAllowed for a device no village has.
    """
    key = secrets.token_hex(32)
    if not pa_command.DEVICE.fullmatch(device) or not set_device_key(session, keyring, device, key):
        raise NotAllowed(
            f"ไม่มีหมู่บ้านใดมีเครื่อง {device} (no village has a controller {device}: add it to the contact sheet)"
        )
    settings: dict[str, object] = {
        "device": device,
        "broker": {
            "host": channel.host if channel else "mqtt.example", "port": channel.port if channel else 8883,
            "tls": channel.tls if channel else True, "password": BROKER_PASSWORD,
        },
        "alert_key": key,
        "test_key": pa_command.test_key(master, device),
        "folder": "/var/lib/raksa",
        "player": ["aplay", "-q", "{file}"],
    }  # fmt: skip
    if clips_url:
        settings["clips_url"] = clips_url
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
