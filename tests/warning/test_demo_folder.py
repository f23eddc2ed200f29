"""Nights at once: the one that runs keeps its data, whoever starts another. The lock is a process's, so are these nights."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geo.errors import ConfigError
from warning.demo import FOLDERS, fresh_folder

NIGHT = """
import sys
from pathlib import Path
from warning.demo import fresh_folder

with fresh_folder(Path(sys.argv[1])) as folder:
    (folder / "data").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""

Start = Callable[[], tuple[subprocess.Popen[str], Path]]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Start]:
    """Starts a process that holds a night's folder, and waits until it has its data there."""
    nights: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], Path]:
        held = subprocess.Popen(
            [sys.executable, "-c", NIGHT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        nights.append(held)
        assert held.stdout is not None
        return held, Path(held.stdout.readline().strip())

    yield start
    for held in nights:
        held.kill()
        held.communicate()


def test_a_second_night_leaves_the_first_its_data(tmp_path: Path, night: Start) -> None:
    _, first = night()
    with fresh_folder(tmp_path) as second:
        assert second != first
    assert (first / "data").exists()


def test_what_a_killed_night_left_is_removed(tmp_path: Path, night: Start) -> None:
    held, first = night()
    held.kill()
    held.wait()
    with fresh_folder(tmp_path) as again:
        assert again == first
        assert not list(again.iterdir())


def test_too_many_nights_are_refused_in_words(tmp_path: Path, night: Start) -> None:
    for _ in FOLDERS:
        night()
    with pytest.raises(ConfigError, match="Ctrl-C"), fresh_folder(tmp_path):
        pass
