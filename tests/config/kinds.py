"""A source and a channel of the tests' own: the mistakes are about config, not about a real feed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import requests
from pydantic import SecretStr

from channels.contract import Batch, Channel, Plan, Proof, Receipt
from sources.contract import Payload, Reading, Source


class RiverGauge(Source):
    url: str
    province_code: str
    key: SecretStr | None = None
    gauge_zero_m: dict[str, float] = {}

    def fetch(self, http: requests.Session, now: datetime) -> Payload:
        raise NotImplementedError

    def read(self, payload: Payload) -> list[Reading]:
        raise NotImplementedError


class Gateway(Channel):
    batch: ClassVar[int] = 1
    proof: ClassVar[Proof] = Proof.NOTHING
    needs: ClassVar[str] = "sms"

    url: str
    port: int = 80
    token: SecretStr

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, 0, Decimal(0))

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        raise NotImplementedError


SOURCES: Mapping[str, type[Source]] = {"river_gauge": RiverGauge}
CHANNELS: Mapping[str, type[Channel]] = {"sms_gateway": Gateway}
ENV = {"SMS_TOKEN": "s3cret-token", "SMS_PORT": "8081"}
