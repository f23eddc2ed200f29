"""What every webhook is asked before a byte of it is parsed: is it small, and is it really the carrier?"""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

from channels.contract import BadSignature

MAX_BODY = 1_000_000  # bytes. LINE sends a few kB; anything larger is a mistake or an attack.


def sign_hex(secret: str, body: bytes) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.digest(secret.encode(), body, "sha256").hex()


def sign_base64(secret: str, body: bytes) -> str:
    """HMAC-SHA256 in base64, as LINE sends it."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def require(given: str | None, expected: str, body: bytes) -> None:
    """Raises ValueError for a body over MAX_BODY, BadSignature for a signature that is missing or wrong."""
    if len(body) > MAX_BODY:
        raise ValueError(f"webhook of {len(body)} bytes, more than {MAX_BODY}")
    if given is None:
        raise BadSignature("no signature")
    if not hmac.compare_digest(given.strip().encode(), expected.encode()):
        raise BadSignature("wrong signature")


def header(headers: Mapping[str, str], name: str) -> str | None:
    """One header, whatever its case: servers differ in how they hand headers on."""
    for key, value in headers.items():
        if key.lower() == name.lower():
            return value
    return None


def not_after(at: datetime, now: datetime) -> datetime:
    """A carrier's clock that runs ahead must not put an answer into the future."""
    return min(at, now)
