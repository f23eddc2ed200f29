"""What a controller must not forget when its power goes: orders it took, what it said of them, the newest it obeyed.

One SQLite file, each change written through to the card before the broker is told that we have the order.
"""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from channels.pa_accept import Play, Role

KEPT = timedelta(days=30)
_TABLES = """
CREATE TABLE IF NOT EXISTS said (id TEXT PRIMARY KEY, body TEXT NOT NULL, at TEXT NOT NULL, told INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (id TEXT PRIMARY KEY, body TEXT NOT NULL, begun INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS newest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Memory:
    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def last_seq(self) -> dict[Role, int]:
        rows = self._db.execute("SELECT name, value FROM newest WHERE name IN ('alert', 'test')")
        return {Role(name): int(value) for name, value in rows}

    def newest_signed(self) -> datetime | None:
        row = self._db.execute("SELECT value FROM newest WHERE name = 'signed'").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def take(self, role: Role, seq: int, signed: datetime, said: dict[str, Any], play: Play | None) -> None:
        """An order obeyed: its place in the order, our first word, and the play to come, all or nothing."""
        known = self.newest_signed()
        with self._db:
            self._db.execute("BEGIN")
            self._newest(role, str(seq))
            # Of alerts only: a stolen test key must not be able to move the clock, and make every alert too late.
            if role is Role.ALERT and (known is None or signed > known):
                self._newest("signed", signed.isoformat())
            self._say(said)
            if play is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO waiting VALUES (?, ?, 0)", (play.id, play.model_dump_json())
                )

    def waiting(self) -> list[tuple[Play, int]]:
        """Plays not ended, with how often each was begun: the gravest first, of those the oldest order."""
        rows = self._db.execute("SELECT body, begun FROM waiting")
        plays = [(Play.model_validate_json(body), begun) for body, begun in rows]
        return sorted(plays, key=lambda p: (-p[0].priority, p[0].seq))

    def begin(self, name: str, said: dict[str, Any]) -> None:
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("UPDATE waiting SET begun = begun + 1 WHERE id = ?", (name,))
            self._say(said)

    def unbegin(self, name: str) -> None:
        """Broken into by something graver: that was no fault of its own."""
        self._db.execute("UPDATE waiting SET begun = begun - 1 WHERE id = ? AND begun > 0", (name,))

    def end(self, name: str, said: dict[str, Any]) -> None:
        with self._db:
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM waiting WHERE id = ?", (name,))
            self._say(said)

    def said(self, name: str) -> dict[str, Any] | None:
        row = self._db.execute("SELECT body FROM said WHERE id = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def untold(self) -> list[dict[str, Any]]:
        """Words that never left the box, oldest first."""
        return [
            json.loads(b) for (b,) in self._db.execute("SELECT body FROM said WHERE NOT told ORDER BY at")
        ]

    def say_again(self, name: str) -> None:
        self._db.execute("UPDATE said SET told = 0 WHERE id = ?", (name,))

    def told(self, said: dict[str, Any]) -> None:
        self._db.execute(
            "UPDATE said SET told = 1 WHERE id = ? AND body = ?",
            (said["id"], json.dumps(said, ensure_ascii=False)),
        )

    def forget(self, now: datetime) -> None:
        """Words older than any order could still be. `now` is aware."""
        self._db.execute(
            "DELETE FROM said WHERE at < ? AND id NOT IN (SELECT id FROM waiting)",
            ((now - KEPT).isoformat(),),
        )

    def _newest(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO newest VALUES (?, ?)", (name, value))

    def _say(self, said: dict[str, Any]) -> None:
        body = json.dumps(said, ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO said VALUES (?, ?, ?, 0)", (said["id"], body, said["at"]))
