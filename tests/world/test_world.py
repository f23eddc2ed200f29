import asyncio
import json

import aiohttp
import aiomqtt

from tests.world.clock import Hand
from warning.world.feeds import LEVEL, Failure
from warning.world.towers import TowerPlan
from warning.world.world import World, WorldSettings

TOWERS = tuple(TowerPlan(f"pa-{i}", f"key-{i}", dead=i == 3) for i in range(4))


async def test_everything_answers_and_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    async with World(WorldSettings(towers=TOWERS), now=Hand()) as world:
        async with aiohttp.ClientSession() as http:
            async with http.get(world.feeds.level_url) as answer:
                assert len((await answer.json())["waterlevel_data"]["data"]) == 11
            headers = {"Authorization": f"Bearer {world.line_token}"}
            async with http.get(f"{world.line_url}/v2/bot/message/quota", headers=headers) as answer:
                assert await answer.json() == {"type": "none"}
            async with http.post(world.sms_url, json={}) as answer:
                assert answer.status == 401
        assert world.feeds.level_url.startswith(world.feed_url)
        async with aiomqtt.Client(
            world.mqtt_host, world.mqtt_port, identifier="office", protocol=aiomqtt.ProtocolVersion.V5
        ) as client:
            await client.subscribe("pa/+/state")
            online = {}
            async with asyncio.timeout(5):
                async for message in client.messages:
                    online[str(message.topic).split("/")[1]] = json.loads(message.payload)["online"]
                    if len(online) == 4 and not online["pa-3"]:
                        break
        assert online == {"pa-0": True, "pa-1": True, "pa-2": True, "pa-3": False}
        assert world.tower_keys["pa-0"] == "key-0"
    assert asyncio.all_tasks() == before


async def test_stops_while_the_feed_hangs_and_the_office_is_gone() -> None:
    before = asyncio.all_tasks()
    async with asyncio.timeout(5):
        async with World(WorldSettings(sms_hook="http://127.0.0.1:9/gone"), now=Hand()) as world:
            world.feeds.fail(LEVEL, Failure.HANG)
            world.sms.reply("+66812345678", "1")
            asking = asyncio.create_task(_ask(world.feeds.level_url))
            await asyncio.sleep(0.1)
        await asyncio.wait([asking])
    assert asyncio.all_tasks() == before


async def _ask(url: str) -> None:
    try:
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            await answer.read()
    except aiohttp.ClientError:
        pass


async def test_two_worlds_do_not_meet() -> None:
    async with World(now=Hand()) as one, World(now=Hand()) as two:
        assert one.line_url != two.line_url
        assert one.mqtt_port != two.mqtt_port
