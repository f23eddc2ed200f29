"""LINE's menu: six fields that say what the account knows, LINE's own models as judge, twice is once, never none."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from PIL import Image
from pydantic import SecretStr

from channels import line_menu, line_talk, replies
from channels.contract import Answer, ChannelBroken
from channels.line import Line
from channels.line_group import LineGroup
from channels.line_wire import LineAccount
from tests.services.require import missing
from tests.world.clock import Hand
from warning.command import main
from warning.rich_menu import picture
from warning.web.assets import STATIC
from warning.world.book import Book
from warning.world.line import Line as Settings
from warning.world.line import LineServer

SHIPPED = Path(__file__).parents[2] / "config.yaml"


@pytest.fixture(scope="module")
def drawn() -> bytes:
    if not (STATIC / ".vite" / "manifest.json").exists():
        missing("the pages are not built (make setup)")
    return picture()


@pytest.fixture
async def line() -> AsyncIterator[LineServer]:
    hand = Hand()
    async with LineServer(Settings("tok", "secret", quota=500), Book(hand), hand) as server:
        yield server


def account(line: LineServer, token: str = "tok") -> LineAccount:
    return LineAccount(line.url, SecretStr(token), 5)


def test_fields_say_what_the_account_understands() -> None:
    asked = [line_talk.topic(field.says) for field in line_menu.FIELDS if field.says]
    assert asked == [line_talk.Topic.WATER, None, None, line_talk.Topic.REGISTER]
    meant = [replies.meanings(field.says) for field in line_menu.FIELDS[1:3]]
    assert meant == [[Answer.SAFE], [Answer.NEED_HELP]]
    assert {field.dials for field in line_menu.FIELDS if field.dials} == {"1784", "1669"}


def test_line_knows_every_word_of_it(drawn: bytes) -> None:
    from linebot.v3.messaging import RichMenuRequest

    menu = line_menu.menu(drawn)
    assert RichMenuRequest.from_dict(menu).to_dict() == menu
    boxes = [area["bounds"] for area in menu["areas"]]
    assert (
        sum(b["width"] * b["height"] for b in boxes) == line_menu.WIDTH * line_menu.HEIGHT
    )  # no gap, no overlap
    assert len(menu["chatBarText"]) <= 14
    assert line_menu.menu(drawn + b"x")["name"] != menu["name"]


def test_the_picture_is_line_s_size_and_says_something_in_every_field(drawn: bytes) -> None:
    image = Image.open(io.BytesIO(drawn)).convert("RGB")
    assert image.size == (line_menu.WIDTH, line_menu.HEIGHT) and len(drawn) < 2**20
    for n in range(len(line_menu.FIELDS)):
        x, y, width, height = line_menu.box(n)
        edge = image.crop((x + 12, y + 60, x + 30, y + height - 60)).getcolors(10**6) or []
        assert len(edge) == 1  # the words stay inside
        white = sum(
            count for count, colour in image.crop((x, y, x + width, y + height)).getcolors(10**7) or []
            if colour == (255, 255, 255)
        )  # fmt: skip
        assert white > 5000
    assert picture() == drawn  # the same each time, or it would be put up anew each time


async def test_it_is_put_up_once_and_the_older_one_goes(line: LineServer, drawn: bytes) -> None:
    async with aiohttp.ClientSession() as net:
        old, made = await line_menu.put_up(net, account(line), _plain_png())
        line.menus.menus["richmenu-theirs"] = {"name": "of the municipality"}
        first, made_first = await line_menu.put_up(net, account(line), drawn)
        again, made_again = await line_menu.put_up(net, account(line), drawn)
    assert (made, made_first, made_again) == (True, True, False) and first == again != old
    assert line.menus.default == first and line.menus.pictures[first] == drawn
    assert set(line.menus.menus) == {first, "richmenu-theirs"}


async def test_a_wrong_token_puts_nothing_up(line: LineServer, drawn: bytes) -> None:
    async with aiohttp.ClientSession() as net:
        with pytest.raises(ChannelBroken):
            await line_menu.put_up(net, account(line, "old"), drawn)
    assert line.menus.menus == {}


async def test_the_simulated_line_as_the_sdk_sees_it(line: LineServer, drawn: bytes) -> None:
    from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration

    async with aiohttp.ClientSession() as net:
        mine, _ = await line_menu.put_up(net, account(line), drawn)
    async with AsyncApiClient(Configuration(host=line.url, access_token="tok")) as client:
        sdk = AsyncMessagingApi(client)
        assert (await sdk.get_default_rich_menu_id()).rich_menu_id == mine
        (menu,) = (await sdk.get_rich_menu_list()).richmenus
    assert re.match("raksa-", menu.name) and len(menu.areas) == 6


def test_the_command_draws_without_an_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], drawn: bytes
) -> None:
    assert main(["line", "menu", "--save", str(tmp_path / "menu.png")]) == 0
    assert (tmp_path / "menu.png").read_bytes() == drawn
    config = tmp_path / "config.yaml"
    config.write_text("office: {name: x}\nchannels: []\n", encoding="utf-8")
    assert main(["line", "quota", "--config", str(config)]) == 2
    assert capsys.readouterr().err


def test_an_account_without_its_secrets_is_not_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LINE_CHANNEL_TOKEN", raising=False)
    for verb in ("quota", "menu"):
        assert main(["line", verb, "--config", str(SHIPPED)]) == 2  # the shipped entry is off
        assert "secrets" in capsys.readouterr().err


async def test_the_commands_ask_the_account(
    line: LineServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    drawn: bytes,
) -> None:
    about = {"kind": "line", "name": "line", "base_url": line.url, "token": "tok", "secret": "secret"}
    groups = LineGroup(**(about | {"kind": "line_group", "name": "groups", "token": "old"}))
    channels = (groups, Line(**about))  # type: ignore[arg-type]
    monkeypatch.setattr("warning.command.line.load", lambda *_: SimpleNamespace(channels=channels))
    line.used = 380
    assert await asyncio.to_thread(main, ["line", "quota", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"limit": 500, "used": 380, "left": 120}
    for said in ("set", "already this one"):
        assert await asyncio.to_thread(main, ["line", "menu"]) == 0
        assert said in capsys.readouterr().out
    assert line.menus.pictures[line.menus.default or ""] == drawn
    line.used = 500
    assert await asyncio.to_thread(main, ["line", "quota"]) == 1
    assert (
        await asyncio.to_thread(main, ["line", "quota", "--channel", "groups"]) == 1
    )  # its token is refused
    assert "LINE did not take it" in capsys.readouterr().out


def _plain_png() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (line_menu.WIDTH, line_menu.HEIGHT), "#123456").save(kept, "PNG")
    return kept.getvalue()
