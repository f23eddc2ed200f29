"""Real servers in tests: there, or skipped; with REQUIRE_SERVICES=1 a missing one is a failure."""

import os
import shutil
import socket

import pytest


def require(binary: str) -> str:
    """Where the server's program is. Debian keeps some in /usr/sbin, which is not on everybody's path."""
    found = shutil.which(binary, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found or missing(f"{binary} is not installed (make services)")


def missing(why: str) -> str:
    """Fail where services are required, else skip."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1 and {why}", pytrace=False)
    pytest.skip(why)


def free_ports(n: int) -> list[int]:
    """Ports nobody uses now, all different."""
    sockets = [socket.socket() for _ in range(n)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
