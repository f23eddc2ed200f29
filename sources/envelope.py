"""JSON out of the bytes of an answer, or plain words for what came instead."""

import gzip
import io
import json
import re
import zlib
from typing import Any

from sources.contract import SourceChanged

MOST_UNPACKED = 50_000_000
# NUL and halves of surrogate pairs, as JSON spells them; Thai spelt so is looked at no further, which takes as long as parsing
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def unpacked(body: bytes) -> bytes:
    """The same, without gzip around it: how payloads are kept. Raises SourceChanged for half a file, or 50 MB."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            inside = packed.read(MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise SourceChanged("broken or cut-off gzip: pack or copy the file again") from None
    if len(inside) > MOST_UNPACKED:
        raise SourceChanged(f"it unpacks to more than {MOST_UNPACKED:,} bytes")
    return inside


def json_of(body: bytes, name: str) -> Any:
    """Raises SourceChanged, saying what came instead of JSON."""
    if len(body) > MOST_UNPACKED:
        raise SourceChanged(f"{name}: larger than {MOST_UNPACKED:,} bytes")
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
        return _storable(told) if _UNSTORABLE.search(text) else told
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
