"""Every tambon of the country told by a call of its own: Raksa beside Prometheus Alertmanager, which keeps no ledger.

7,255 is the number of the reference figures. Ours: one alert, 7,255 recipients, one call each, every one a durable row. Alertmanager:
7,255 alerts posted by the thousand, each a group of its own (`group_by: ['...']`), no waiting, one webhook. One provider, no delay.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

from bench.office import Bench
from bench.office import bench as make
from bench.one_call_each import one_call_each
from bench.row import Row, Tell, row
from warning.clock import WallClock
from warning.running import free_port

TAMBON = 7_255
PATIENCE_S = 60.0
PROGRAM = "prometheus-alertmanager"


def measure(quick: bool, tell: Tell) -> list[Row]:
    n, runs = (500, 1) if quick else (TAMBON, 3)
    ours: list[float] = []
    theirs: list[float] = []
    wrong = ""
    program = shutil.which(PROGRAM)
    with make(delay_ms=0) as bench:
        bench.load(n)
        for _ in range(runs):  # by turns
            rate, fault = one_call_each(bench, n)
            ours.append(n / rate)
            wrong = wrong or fault
            if program:
                took_s, fault = _alertmanager(bench, program, n)
                theirs.append(took_s)
                wrong = wrong or fault
    peer = (
        f"Alertmanager {min(theirs):.2f}..{max(theirs):.2f} s"
        if theirs
        else f"no {PROGRAM} here: apt-get install it"
    )
    return [
        row(
            "tambon_alerts", sorted(ours)[runs // 2], "s", wrong=wrong, peer=sorted(theirs)[runs // 2] if theirs else None,
            why=f"{n} calls, {min(ours):.2f}..{max(ours):.2f} s, {peer}; {runs} by turns, load {os.getloadavg()[0]:.1f}; target half "
            "of the peer's speed, durable",
        )
    ]  # fmt: skip


def _alertmanager(bench: Bench, program: str, n: int) -> tuple[float, str]:
    bench.clean()
    with _running(program, bench.provider) as url:
        start = time.monotonic()
        for first in range(0, n, 1000):
            alerts = [_alert(code) for code in range(first, min(n, first + 1000))]
            body = json.dumps(alerts).encode()
            urlopen(Request(f"{url}/api/v2/alerts", body, {"Content-Type": "application/json"})).read()
        while time.monotonic() - start < PATIENCE_S and bench.book()["ones"] < n:
            time.sleep(0.02)
        took_s = time.monotonic() - start
        book = bench.book()
    return took_s, "" if book["ones"] == n else f"Alertmanager: {book['ones']} of {n} arrived"


def _alert(code: int) -> dict[str, object]:
    now = WallClock().now().isoformat()
    return {
        "labels": {"alertname": "flood", "tambon": f"{code:06d}"},
        "annotations": {"sms": "EXERCISE"},
        "startsAt": now,
    }


@contextmanager
def _running(program: str, provider: str) -> Iterator[str]:
    config = {
        "route": {"receiver": "provider", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"},
        "receivers": [{"name": "provider", "webhook_configs": [{"url": f"{provider}/alerted", "send_resolved": False}]}],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="raksa-bench-") as folder:
        file, port = Path(folder) / "alertmanager.yml", free_port("127.0.0.1", 18600)
        file.write_text(json.dumps(config))  # YAML is a superset
        command = [program, f"--config.file={file}", f"--storage.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
                   "--cluster.listen-address=", "--log.level=error"]  # fmt: skip
        process = subprocess.Popen(command)
        try:
            for _ in range(100):
                with suppress(OSError):
                    urlopen(f"http://127.0.0.1:{port}/-/ready").read()
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()
