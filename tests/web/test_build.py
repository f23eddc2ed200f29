"""The pages' files: built without anybody's Node, found by name, served pressed, and nothing fetched from elsewhere."""

import gzip
import importlib.util
import json
import os
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from starlette.applications import Starlette

from warning.web.assets import STATIC, Pressed, asset

ROOT = Path(__file__).parents[2]
UI = ROOT / "warning/web/ui"


def _hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    return hook


def _tree(tmp_path: Path, *, built_at: int | None, source_at: int) -> Path:
    source = tmp_path / "warning/web/ui/src/console.ts"
    source.parent.mkdir(parents=True)
    source.write_text("export {};")
    os.utime(source, (source_at, source_at))
    if built_at is not None:
        manifest = tmp_path / "warning/web/static/.vite/manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text("{}")
        os.utime(manifest, (built_at, built_at))
    return tmp_path


@pytest.mark.parametrize(
    ("built_at", "source_at", "expected"),
    [
        pytest.param(None, 100, True, id="never-built"),
        pytest.param(100, 200, True, id="source-edited-since"),
        pytest.param(200, 100, False, id="built-after-the-last-edit"),
    ],
)
def test_built_only_when_needed(
    tmp_path: Path, built_at: int | None, source_at: int, *, expected: bool
) -> None:
    assert _hook().stale(_tree(tmp_path, built_at=built_at, source_at=source_at)) is expected


def test_what_npm_unpacked_does_not_count_as_a_source(tmp_path: Path) -> None:
    tree = _tree(tmp_path, built_at=200, source_at=100)
    (tree / "warning/web/ui/node_modules").mkdir()
    (tree / "warning/web/ui/node_modules/new.js").write_text("x")
    assert not _hook().stale(tree)


def test_versions_are_exact_and_the_lock_names_no_address() -> None:
    package = json.loads((UI / "package.json").read_text())
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert version[0].isdigit(), name
    lock = json.loads((UI / "package-lock.json").read_text())
    assert all("resolved" not in entry for entry in lock["packages"].values())


def test_every_entry_is_found_and_unknown_ones_are_errors() -> None:
    for name in ("console.ts", "console.css", "paper.css", "relay.ts"):
        assert (STATIC / asset(name).removeprefix("/static/")).is_file()
    with pytest.raises(KeyError):
        asset("nothing.ts")


def test_built_styles_fetch_nothing_from_elsewhere() -> None:
    for built in STATIC.rglob("*.css"):
        text = built.read_text()
        assert "http://" not in text and "https://" not in text and "data:" not in text, built.name


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette()
    app.mount("/static", Pressed())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(timeout=10)


def _get(port: int, path: str, accept: str) -> tuple[HTTPMessage, bytes]:
    line = HTTPConnection("127.0.0.1", port, timeout=5)  # takes nothing apart by itself, as requests would
    line.request("GET", path, headers={"Accept-Encoding": accept})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.headers, body


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        pytest.param("gzip, br", "br", id="the-smaller-one"),
        pytest.param("gzip", "gzip", id="an-old-phone"),
        pytest.param("identity", None, id="none-asked"),
    ],
)
def test_served_pressed_and_kept_for_ever(port: int, accept: str, encoding: str | None) -> None:
    headers, body = _get(port, asset("paper.css"), accept)
    assert headers.get("Content-Encoding") == encoding
    assert headers["content-type"].startswith("text/css")
    assert "immutable" in headers["cache-control"]
    plain = (STATIC / asset("paper.css").removeprefix("/static/")).read_bytes()
    if encoding == "gzip":
        assert gzip.decompress(body) == plain
    elif encoding is None:
        assert body == plain
    else:
        assert 0 < len(body) < len(plain)
