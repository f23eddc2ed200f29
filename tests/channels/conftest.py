from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.channels.gateway import Gateway


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def net() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
