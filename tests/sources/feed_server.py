"""A real HTTP server on loopback that answers as a feed does on its bad days, and keeps a book of what it
was asked.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]


class FeedServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self.answer: Callable[[_Handler], None] = whole(b"[]")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/feed"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FeedServer

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, dict(self.headers)))
        self.close_connection = True
        self.server.answer(self)

    do_POST = do_GET  # a feed that is asked by a form

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


Answer = Callable[[_Handler], None]


def whole(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: _Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def tagged(body: bytes, etag: str = '"one"') -> Answer:
    """304 to whoever shows the ETag."""

    def answer(handler: _Handler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            whole(b"", 304, ETag=etag)(handler)
        else:
            whole(body, ETag=etag)(handler)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """One answer after the other, the last one for ever."""
    left = list(answers)

    def answer(handler: _Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


def hang(handler: _Handler) -> None:
    handler.server.closing.wait(20)


def trickle(handler: _Handler) -> None:
    """A byte now and then: every single wait is short, the whole has no end."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1900")
    handler.end_headers()
    while not handler.server.closing.wait(0.05):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def cut_off(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"result": "OK", "da')


def huge(handler: _Handler) -> None:
    """Promises more than anybody should take."""
    handler.send_response(200)
    handler.send_header("Content-Length", "99999999")
    handler.end_headers()


@contextmanager
def feed_server() -> Iterator[FeedServer]:
    server = FeedServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
