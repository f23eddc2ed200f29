"""JSON out of the bytes of an answer, or plain words for what came instead."""

import json
from typing import Any

from sources.contract import SourceChanged


def json_of(body: bytes, name: str) -> Any:
    """Raises SourceChanged, saying what came instead of JSON."""
    start = body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise SourceChanged(f"{name}: an empty answer")
    if start.startswith(b"<"):
        raise SourceChanged(f"{name}: a page of HTML or XML instead of JSON")
    if body.startswith(b"\x1f\x8b"):
        raise SourceChanged(f"{name}: packed with gzip; unpack it first")
    try:
        text = body.decode(json.detect_encoding(body))  # UTF-16 too: what a redirect in PowerShell writes
        told = json.loads(text)
        return _storable(told) if "\\u" in text else told
    except UnicodeDecodeError as error:
        raise SourceChanged(f"{name}: not UTF-8 text at byte {error.start}") from None
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"{name}: broken or cut-off JSON ({str(error)[:80]})") from None


def _storable(told: Any) -> Any:
    """Without the letters no database takes: NUL and halves of surrogate pairs, which JSON can spell."""
    if isinstance(told, str):
        return told.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(told, list):
        return [_storable(item) for item in told]
    if isinstance(told, dict):
        return {_storable(key): _storable(value) for key, value in told.items()}
    return told
