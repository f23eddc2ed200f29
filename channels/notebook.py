"""The notebook: writes down what would have gone out. Nobody is told anything by it.

It stands in for a carrier until its credentials are there, so that an office can see on its first day what
each village would have been told. One file a batch: the same batch twice is the same file. Addresses are
masked.
"""

import asyncio
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from channels.contract import Batch, Channel, Health, Plan, Proof, Receipt, ReceiptState
from geo.phone import masked

NOT_SENT = "เขียนลงสมุด ยังไม่ได้ส่ง / written in the notebook, not sent"


class Notebook(Channel):
    """Files `<folder>/<alert id>/<batch key>.jsonl`, readable by the platform's user only."""

    batch: ClassVar[int] = 500
    proof: ClassVar[Proof] = Proof.NOTHING
    live: ClassVar[bool] = False
    dedupes: ClassVar[bool] = True

    folder: Path
    instead_of: Literal["sms", "line", "tower"] = "sms"  # whose addresses it takes

    @property
    def needs(self) -> str:  # type: ignore[override]
        return self.instead_of

    def plan(self, recipients: int) -> Plan:
        return Plan(recipients, minutes=0, baht=Decimal(0), warning=NOT_SENT)

    async def send(self, wire: Any, batch: Batch, now: datetime) -> list[Receipt]:
        await asyncio.to_thread(self._write, batch, now)
        return [Receipt(message.id, ReceiptState.SUPPRESSED, now, why=NOT_SENT) for message in batch.messages]

    async def probe(self, wire: Any, now: datetime) -> Health:
        return Health(
            ok=True,
            note="เป็นสมุดจด ไม่ได้ส่งถึงใคร: ใส่ชื่อตัวแปรของรหัสผู้ให้บริการใน config.yaml เพื่อส่งจริง",
            note_en="A notebook, tells no one: name the provider's credentials in config.yaml",
        )

    def _write(self, batch: Batch, now: datetime) -> None:
        folder = self.folder / str(batch.alert_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lines = [
            json.dumps(
                {
                    "delivery": str(message.id),
                    "to": masked(message.address),
                    "lang": message.lang,
                    "severity": batch.severity,
                    "exercise": batch.exercise,
                    "written_at": now.isoformat(),
                    "text": message.text,
                },
                ensure_ascii=False,
            )
            for message in batch.messages
        ]
        unfinished = folder / f".{batch.key}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
        unfinished.replace(folder / f"{batch.key}.jsonl")
