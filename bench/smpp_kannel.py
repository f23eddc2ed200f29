"""Kannel 1.4.5 as a peer: bearerbox and smsbox of its own, orders of a hundred numbers by HTTP, one SMPP bind."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

A_CALL = 100
_CONFIG = """\
group = core
admin-port = {admin}
admin-password = adm
status-password = st
smsbox-port = {smsbox}
admin-interface = 127.0.0.1
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = OPER
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = raksa
smsc-password = s3cret
system-type = ""
interface-version = 34
max-pending-submits = 100
msg-id-type = 0x03
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = pht
password = s3cret
max-messages = 10
concatenation = true
user-allow-ip = "127.0.0.1"
"""


def send(
    smsc: int, numbers: Sequence[str], words: str, arrived: Callable[[], bool], patience_s: float
) -> tuple[float, float]:
    """Seconds of the processor, of both its processes, and of the wall, until all have arrived.

    Raises RuntimeError when it is not installed or does not start, TimeoutError.
    """
    where = f"{os.environ.get('PATH', '')}:/usr/sbin"
    programs = [shutil.which(name, path=where) for name in ("bearerbox", "smsbox")]
    if None in programs:
        raise RuntimeError("is not installed")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        admin, smsbox, sendsms = _ports()
        config = _CONFIG.format(admin=admin, smsbox=smsbox, sendsms=sendsms, smsc=smsc)
        (folder / "k.conf").write_text(config)
        processes = []
        for program, port in zip(programs, (smsbox, sendsms), strict=True):
            process = subprocess.Popen(
                [str(program), "-v", "4", "k.conf"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process.pid)
            _listens(port)
        time.sleep(1)  # its bind
        before, start = sum(map(_cpu_s, processes)), time.monotonic()
        for nth in range(0, len(numbers), A_CALL):
            query = {
                "username": "pht", "password": "s3cret", "from": "PHT", "to": " ".join(numbers[nth : nth + A_CALL]),
                "charset": "UTF-8", "coding": "2", "text": words,
            }  # fmt: skip
            with urlopen(f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms?{urlencode(query)}") as answer:
                answer.read()
        while not arrived():
            if time.monotonic() - start > patience_s:
                raise TimeoutError("not all arrived")
            time.sleep(0.02)
        return sum(map(_cpu_s, processes)) - before, time.monotonic() - start


def _ports() -> list[int]:
    free = []
    with ExitStack() as held:
        for _ in range(3):
            one = held.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            free.append(int(one.getsockname()[1]))
    return free


def _listens(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("does not start")


def _cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
