"""agent.yaml: one device, its broker, its two keys, and the programs that make it sound. docs/channels/agent.md."""

from datetime import time
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from channels.pa_accept import Keys
from geo.errors import ConfigError


class BrokerSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = 8883
    tls: bool = True
    ca: Path | None = None  # of the office's own authority; else those the box trusts
    username: str | None = None  # else the device id, as the broker's rights are written
    password: SecretStr | None = None
    keepalive_s: int = Field(30, ge=5, le=300)
    reconnect_s: float = Field(5.0, gt=0)


class Settings(BaseModel):
    """A command is a list: the program and its words; `{file}` and `{volume}` (0-100) are put in. No shell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    broker: BrokerSettings
    alert_key: SecretStr = Field(min_length=16)
    test_key: SecretStr = Field(min_length=16)
    folder: Path  # clips and memory; must outlive a power cut
    clips_url: str | None = None  # the office's public address; without it only clips put there by hand sound
    clips_mb: int = Field(500, gt=0)
    fetch_s: float = Field(20.0, gt=0)  # an alert waits no longer for its clips
    player: list[str] = Field(
        ["aplay", "-q", "{file}"], min_length=1
    )  # without {file} the sound is its input
    longest_s: float = Field(180.0, gt=0)  # of one clip: a player that hangs is stopped
    set_volume: list[str] = []
    microphone: list[
        str
    ] = []  # runs while a message sounds; ends with 0: heard, 1: heard nothing, else: cannot tell
    state: list[str] = []  # prints {"amplifier": true, "mic": true, "battery_v": 12.4}, without a sound
    chime: Path | None = None  # before each time of an alert
    standing: Path | None = None  # sounds when an alert's clips are not there: "danger, listen to the radio"
    test_sound: Path | None = None  # of the monthly test; must not sound like the chime
    test_hours: tuple[time, ...] = (
        time(8),
        time(18),
    )  # Bangkok: an audible test at any other hour is refused
    clock_off_s: float = 0.0  # added to a clock that cannot be set

    @property
    def keys(self) -> Keys:
        return Keys(self.alert_key.get_secret_value(), self.test_key.get_secret_value())


def read_settings(file: Path) -> Settings:
    """Raises ConfigError with what to mend; never with a key."""
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        made = Settings.model_validate(raw)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{file}: {type(error).__name__}: {str(error).splitlines()[0]}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{file}: {wrong}") from error
    if made.alert_key.get_secret_value() == made.test_key.get_secret_value():
        raise ConfigError(f"{file}: test_key must not be alert_key: who may test may then cry wolf")
    if made.test_sound is not None and made.test_sound == made.chime:
        raise ConfigError(f"{file}: test_sound must not be the chime of alerts")
    for name in ("chime", "standing", "test_sound"):
        sound = getattr(made, name)
        if sound is not None and not sound.is_file():
            raise ConfigError(f"{file}: {name}: no such file: {sound}")
    return made
