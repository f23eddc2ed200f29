"""Sealing of what identifies a person: AES-256-GCM with a key id, and a keyed hash for look-up.

A Keyring is handed to every function that touches a person; there is no global one. The sealed text is
`key id (1 byte) | nonce (12) | ciphertext and tag`; the fingerprint is HMAC-SHA-256 (hex, 64 characters).
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from geo.errors import ConfigError

_NONCE_BYTES = 12


@dataclass(frozen=True)
class Keyring:
    """Keys by id (0..255); the newest seals, any opens."""

    keys: Mapping[int, bytes] = field(repr=False)
    hash_key: bytes = field(repr=False)
    _ciphers: dict[int, AESGCM] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {number: AESGCM(key) for number, key in self.keys.items()})

    def seal(self, text: str) -> bytes:
        return self.seal_bytes(text.encode())

    def seal_bytes(self, body: bytes) -> bytes:
        """The same for what is no text, a photograph."""
        newest = max(self.keys)
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([newest]) + nonce + self._ciphers[newest].encrypt(nonce, body, None)

    def open(self, sealed: bytes) -> str:
        """Raises NotSealed when the key is unknown or the bytes were changed."""
        try:
            return self.open_bytes(sealed).decode()
        except UnicodeDecodeError as error:
            raise NotSealed("these bytes are no text") from error

    def open_bytes(self, sealed: bytes) -> bytes:
        """Raises NotSealed when the key is unknown or the bytes were changed."""
        try:
            cipher = self._ciphers[sealed[0]]
            return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], None)
        except Exception as error:
            raise NotSealed("these bytes were not sealed with a key of this office") from error

    def fingerprint(self, text: str) -> str:
        """Equal texts give equal hashes; without the key nothing can be guessed from one."""
        return hmac.new(self.hash_key, text.encode(), hashlib.sha256).hexdigest()

    @classmethod
    def generate(cls) -> Self:
        return cls(keys={1: secrets.token_bytes(32)}, hash_key=secrets.token_bytes(32))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Keys of this office; made at the first start, readable by the owner only (0600).

        Raises ConfigError when the file is readable by others or is not a key file.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            ring = cls.generate()
            text = json.dumps(
                {"keys": {n: k.hex() for n, k in ring.keys.items()}, "hash_key": ring.hash_key.hex()}
            )
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            return ring
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`")
        try:
            stored = json.loads(path.read_text())
            return cls(
                keys={int(n): bytes.fromhex(k) for n, k in stored["keys"].items()},
                hash_key=bytes.fromhex(stored["hash_key"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"{path} is not a key file: restore it from the backup of the keys") from error


def add_key(path: Path) -> int:
    """A new key into the key file, from the next start the one that seals; returns its id. Old ones go on opening.

    Raises ConfigError when there is no file, or no id is free.
    """
    stored = _stored(path)
    newest = max(int(n) for n in stored["keys"]) + 1
    if newest > 255:
        raise ConfigError(f"{path} has used all 255 ids: retire old keys first (raksa people rekey --retire)")
    stored["keys"][str(newest)] = secrets.token_bytes(32).hex()
    _write(path, stored)
    return newest


def drop_keys(path: Path) -> list[int]:
    """Every key but the newest out of the key file; returns their ids. The caller knows that nothing needs them any more."""
    stored = _stored(path)
    newest = max(int(n) for n in stored["keys"])
    gone = sorted(int(n) for n in stored["keys"] if int(n) != newest)
    stored["keys"] = {str(newest): stored["keys"][str(newest)]}
    _write(path, stored)
    return gone


def _stored(path: Path) -> dict[str, Any]:
    Keyring.load(path)  # says what is wrong with it
    return dict(json.loads(path.read_text()))


def _write(path: Path, stored: Mapping[str, object]) -> None:
    """Whole or not at all: a key file cut off would be all the names lost."""
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(stored))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class NotSealed(Exception):
    """Sealed bytes that cannot be opened."""
