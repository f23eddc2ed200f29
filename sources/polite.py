"""Asking a feed once, as a guest: a deadline, a size limit, no question twice for the same answer, no
knocking at a shut door.

Keys of some feeds travel in the query, so no address is ever put into an error, and urllib3's request lines
are not logged.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from geo.when import clock_text
from sources.contract import Payload, SourceUnavailable
from sources.polite_memory import Memory

USER_AGENT = "Raksa/0.1 (+province office)"
DEADLINE = timedelta(seconds=30)
MAX_BYTES = 20_000_000  # the greatest feed we know has 3 MB
TRIES = 3
PAUSES_S = (0.5, 1.5)  # before the second and the third try, each times a random 0.5 to 1.5
REDIRECTS = 3
CONNECT_S = 10.0
PIECE = 65_536
AGAIN_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})

logging.getLogger("urllib3.connectionpool").setLevel(
    logging.INFO
)  # its DEBUG lines hold the query, so the keys

_MEMORY = Memory()


class NotModified:
    """The server said 304: nothing new, and alive."""


class _Trouble(Exception):
    """One try failed and the next may not."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def payload(http: requests.Session, url: str, now: datetime, **how: object) -> Payload:
    """`get` as the Payload of a source's `fetch`. Raises SourceUnavailable."""
    answer = get(http, url, now, **how)  # type: ignore[arg-type]
    if isinstance(answer, NotModified):
        return Payload(b"", fetched_at=now, not_modified=True)
    return Payload(answer, fetched_at=now)


def get(
    http: requests.Session,
    url: str,
    now: datetime,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    deadline: timedelta = DEADLINE,
    max_bytes: int = MAX_BYTES,
    memory: Memory = _MEMORY,
    sleep: Callable[[float], None] = time.sleep,
) -> bytes | NotModified:
    """The body, or NotModified when it is the one this process had before.

    form: for a feed that is asked by a form (POST).
    now: aware UTC; the circuit breaker and the memory of ETags live by it. deadline: for everything, all
    tries and pauses together. Raises SourceUnavailable in plain words that name the host and nothing else.
    """
    host = urlsplit(url).hostname or "no host"
    shut_until = memory.shut_until(host, now)
    if shut_until is not None:
        raise SourceUnavailable(
            f"{host} failed again and again; it is asked again at {clock_text(shut_until)}"
        )
    full = requests.Request("GET", url, params=dict(params or {})).prepare().url or url
    sent = {"User-Agent": USER_AGENT, **(headers or {})}
    ends = time.monotonic() + deadline.total_seconds()
    for nth in range(TRIES):
        try:
            answer = _once(http, full, sent | memory.conditions(full, now), ends, max_bytes, form)
        except _Trouble as trouble:
            left = ends - time.monotonic()
            pause = trouble.wait_s or (PAUSES_S[nth] * random.uniform(0.5, 1.5) if nth < len(PAUSES_S) else 0)
            if nth == TRIES - 1 or pause >= left:
                memory.failed(host, now)
                raise SourceUnavailable(f"{host} {trouble}") from None
            sleep(pause)
        except SourceUnavailable as refusal:
            memory.succeeded(host)  # the host is there; what it says is for a person to mend
            raise SourceUnavailable(f"{host} {refusal}") from None
        else:
            memory.succeeded(host)
            if answer is None:
                return NotModified()
            body, told = answer
            memory.remember(full, told, now)
            return body
    raise AssertionError("the last try returns or raises")


def _once(
    http: requests.Session,
    url: str,
    headers: dict[str, str],
    ends: float,
    max_bytes: int,
    form: Mapping[str, str] | None = None,
) -> tuple[bytes, Mapping[str, str]] | None:
    """One try, redirects followed. None is 304. Raises _Trouble, or SourceUnavailable where trying again is
    no use.
    """
    for _ in range(REDIRECTS + 1):
        left = ends - time.monotonic()
        if left <= 0:
            raise _Trouble("did not answer in time")
        try:
            with http.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                headers=headers,
                timeout=(min(CONNECT_S, left), left),
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.status_code in MOVED:
                    url, headers = _moved(url, answer.headers.get("Location"), headers)
                    continue
                if answer.status_code == 304:
                    return None
                _accept(answer)
                return _body(answer, ends, max_bytes), answer.headers
        except requests.exceptions.SSLError:
            raise SourceUnavailable("has a certificate that is not trusted") from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            raise _Trouble("did not answer in time") from None
        except requests.exceptions.ConnectionError:
            raise _Trouble("cannot be reached") from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise _Trouble("broke off in the middle of its answer") from None
    raise SourceUnavailable(f"sent us on more than {REDIRECTS} times")


def _accept(answer: requests.Response) -> None:
    if answer.status_code in AGAIN_LATER:
        told = answer.headers.get("Retry-After", "")
        raise _Trouble(
            f"answered HTTP {answer.status_code}", float(told) if told.isascii() and told.isdigit() else None
        )
    if answer.status_code in (401, 403):
        raise SourceUnavailable(f"refused us (HTTP {answer.status_code}): is the key set, and still good?")
    if answer.status_code != 200:
        raise SourceUnavailable(f"answered HTTP {answer.status_code}")


def _moved(url: str, location: str | None, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Where we are sent, with headers meant for one host kept from another."""
    target = urljoin(url, location or "")
    before, after = urlsplit(url), urlsplit(target)
    if not location or after.scheme not in ("http", "https"):
        raise SourceUnavailable("sent us nowhere")
    if before.scheme == "https" and after.scheme == "http":
        raise SourceUnavailable("sent us from https to http")
    kept = headers if before.netloc == after.netloc else {"User-Agent": USER_AGENT}
    return target, kept


def _body(answer: requests.Response, ends: float, max_bytes: int) -> bytes:
    """Read piece by piece as it arrives: a trickle meets the deadline, a flood (also an unpacked one) the
    limit.
    """
    promised = answer.headers.get("Content-Length", "")
    packed = bool(answer.headers.get("Content-Encoding"))
    if promised.isdigit() and int(promised) > max_bytes:
        raise SourceUnavailable(f"sent more than {max_bytes:,} bytes")
    pieces: list[bytes] = []
    size = 0
    while piece := answer.raw.read1(PIECE, decode_content=True):
        size += len(piece)
        if size > max_bytes:
            raise SourceUnavailable(f"sent more than {max_bytes:,} bytes")
        if time.monotonic() > ends:
            raise _Trouble("did not finish its answer in time")
        pieces.append(piece)
    if promised.isdigit() and not packed and size < int(promised):
        raise _Trouble("broke off in the middle of its answer")
    return b"".join(pieces)
