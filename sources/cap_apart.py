"""Work on bytes of strangers in a process of its own: what kills or hangs a parser in C takes nobody along."""

import resource
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from multiprocessing import get_context
from threading import Lock
from typing import ParamSpec, Self, TypeVar

LIMIT_S = 10.0  # a feed of 3 MB takes a fifth of a second
_START_S = 60.0  # to import the libraries on a busy machine
_MEMORY = 2 * 1024**3  # bytes of address space: the libraries alone map half a gigabyte
_What = ParamSpec("_What")
_Made = TypeVar("_Made")


class Killed(Exception):
    """The process died of it."""


class Slow(Exception):
    """It took longer than the limit and was ended."""


class Apart:
    """One process, used again for each piece of work, made anew when it died or was too slow. May be used by several threads."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self.limit_s = limit_s
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, work: Callable[_What, _Made], *what: _What.args, **named: _What.kwargs) -> _Made:
        """What `work`, a function of a module, returns or raises. Raises Killed, Slow."""
        with self._lock:
            try:
                return self._ready().submit(work, *what, **named).result(self.limit_s)
            except TooLong:
                self.close()
                raise Slow from None
            except (BrokenExecutor, MemoryError):
                self.close()
                raise Killed from None

    def close(self) -> None:
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):  # a hung one has to be killed
                process.kill()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not a fork: this process may have threads and a database.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_bound)
            self._pool.submit(_here).result(_START_S)
        return self._pool


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _here() -> None:
    """Answers as soon as the process is up."""
