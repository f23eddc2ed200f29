"""A LINE account at the tests' gateway: its quota, and what it says to sends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from channels.line import Line
from tests.channels.cases import CASES
from tests.channels.gateway import Asked, Gateway, Said

TAKEN = Said(200, headers={"x-line-request-id": "r1"})
TAKEN_BEFORE = Said(409, headers={"x-line-accepted-request-id": "r1"})


def line(url: str, **changed: Any) -> Line:
    made = CASES["line"].build(url, Path("."), **changed)
    assert isinstance(made, Line)
    return made


def account(
    gateway: Gateway, limit: int | None, used: int = 0, sends: Callable[[Asked], Said] = lambda _: TAKEN
) -> None:
    """The gateway is an account with this much left; `sends` answers everything that is no question of quota."""
    quota = {"type": "none"} if limit is None else {"type": "limited", "value": limit}

    def says(asked: Asked) -> Said:
        if asked.path.endswith("/consumption"):
            return Said(200, json.dumps({"totalUsage": used}).encode())
        return Said(200, json.dumps(quota).encode()) if asked.path.endswith("/quota") else sends(asked)

    gateway.says = says
