"""Judging in a process of its own: what kills or hangs a parser takes nobody along.

libxml2 and libxmlsec1 are C: bytes made for it have crashed readers of CAP before. The process is used again for each message,
and made anew when it died or was too slow.
"""

import resource
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from geo.areas import load_areas
from warning.cap.bytes_in import LARGEST
from warning.cap.trust import Anchors
from warning.cap.validate import Problem
from warning.cap.verdict import NOT_XML, Judgement, judge
from warning.words.facts import Both

LIMIT_S = 5.0  # a real message takes a few milliseconds
_MEMORY = 2 * 1024**3  # bytes of address space: the libraries alone map half a gigabyte
_START_S = 60.0  # to import the libraries on a busy machine
KILLED = Problem("xml.killed", Both("อ่านแล้วโปรแกรมล้ม", "reading it killed the process that read it"))
SLOW = Problem("xml.slow", Both("อ่านนานเกินไป", "reading it took too long"))


class Apart:
    """Use as a context manager. trusted, authorities: PEM files; both None where nobody was named as trusted."""

    def __init__(
        self,
        trusted: Sequence[bytes] | None = None,
        authorities: Sequence[bytes] | None = None,
        areas: Path | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._settings = (trusted, authorities, areas)
        self.limit_s = limit_s
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def judge(self, xml: bytes) -> Judgement:
        """As `warning.cap.verdict.judge`. invalid-xml with xml.killed or xml.slow for what the process did not outlive."""
        if len(xml) > LARGEST:
            return judge(xml, None)  # not even sent over: refused by its size
        pipe = self._ready()
        try:
            pipe.send_bytes(xml)
            if not pipe.poll(self.limit_s):
                self.close()
                return _refused(SLOW)
            said: Judgement = pipe.recv()
        except (EOFError, OSError):
            self.close()
            return _refused(KILLED)
        return said

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def _ready(self) -> Connection:
        if self._process is not None and self._pipe is not None and self._process.is_alive():
            return self._pipe
        self.close()  # it died while nobody asked: no message's fault
        spawn = get_context("spawn")  # not a fork: this process may have threads and a database
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_work, args=(theirs, *self._settings), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_START_S):
            self.close()
            raise RuntimeError("the process that reads CAP did not start")
        self._pipe.recv_bytes()
        return self._pipe


def _refused(why: Problem) -> Judgement:
    return Judgement(NOT_XML, (why,), "unsigned")


def _work(
    pipe: Connection, trusted: Sequence[bytes] | None, authorities: Sequence[bytes] | None, areas: Path | None
) -> None:
    """The other process: bytes in, a judgement out, until the pipe is closed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    anchors = (
        None if trusted is None and authorities is None else Anchors.read(trusted or (), authorities or ())
    )
    known = load_areas(areas)
    with suppress(EOFError, OSError, KeyboardInterrupt):
        pipe.send_bytes(b"ready")
        while True:
            pipe.send(judge(pipe.recv_bytes(), anchors, known))
