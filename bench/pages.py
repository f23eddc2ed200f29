"""A tambon's page asked for by a whole province at once: responses a second of one uvicorn worker, and when a telephone shows it.

`pages`: wrk on the other core against the kept bytes; peer: the same page through its route each time, as any FastAPI application
would give it (the signed-in reader's way; `?lang=th` is not kept). Oracle: every answer is 200 and the page of that tambon.
`pages_lcp`: largest contentful paint in Chromium at 1.6 Mbit/s, 150 ms and a CPU four times slower; `pages_kb`: what went over
the line for it, fonts and style with it.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from bench.office import Bench, _wait_for, stop
from bench.office import bench as make
from bench.row import Row, Tell, row
from warning.alert import Alert
from warning.running import free_port
from warning.writing import write

TARGET_PER_S, TARGET_LCP_S, TARGET_KB = 4000, 1.5, 60
TAMBON = "931102"


def measure(quick: bool, tell: Tell) -> list[Row]:
    seconds = 3 if quick else 10
    with make(delay_ms=5) as bench, _served(bench) as url:
        page = f"{url}/now/{TAMBON}"
        right = _asked(page)
        wrong = "" if TAMBON in right and "<html" in right else "the page is not the tambon's"
        wrk = shutil.which("wrk")
        rows: list[Row] = []
        if wrk is None:
            rows.append(row("pages", 0, "responses/s", wrong="wrk is not installed"))
        else:
            ours, failed = _pressed(wrk, page, seconds)
            plain, _ = _pressed(wrk, f"{page}?lang=th", min(seconds, 3))
            wrong = wrong or (f"{failed} answers were no page" if failed else "")
            why = f"wrk, 64 connections, {seconds} s, one uvicorn worker; target {TARGET_PER_S}"
            rows.append(
                row("pages", ours, "responses/s", wrong=wrong, peer=plain, more_is_better=True, why=why)
            )
        rows += _seen(page)
        return rows


@contextmanager
def _served(bench: Bench) -> Iterator[str]:
    """An office with an Extreme alert in force, and its pages in a process of their own."""
    alert_id = bench.issue()
    with bench.office.database.session() as session:
        alert = session.get_one(Alert, alert_id)
        write(session, alert, bench.office)
    port = free_port("127.0.0.1", 18700)
    command = [
        sys.executable,
        "-m",
        "bench.page_server",
        bench.office.database.url,
        str(bench.keyfile),
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/status")
        yield url
    finally:
        stop([process])


def _asked(url: str) -> str:
    with urlopen(Request(url)) as answer:
        return str(answer.read().decode())


def _pressed(wrk: str, url: str, seconds: int) -> tuple[float, int]:
    """(responses a second, answers that were not 2xx or 3xx or broke off)."""
    command = [wrk, "-t1", "-c64", f"-d{seconds}s", "-H", "Accept-Encoding: br", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"Socket errors: .*", said)
    return float(rate[1]) if rate else 0.0, (int(bad[1]) if bad else 0) + (1 if broken else 0)


_LCP = """() => new Promise(done => { let last = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) last = entry.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => done(last), 1500); })"""


def _seen(url: str) -> list[Row]:
    chromium = shutil.which("chromium")
    if chromium is None:
        return [row("pages_lcp", 0, "s", wrong="chromium is not installed")]
    from playwright.sync_api import sync_playwright

    sent: list[float] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 360, "height": 640}).new_page()
        line: Any = page.context.new_cdp_session(page)
        line.send("Network.enable")
        slow = {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 1.6e6 / 8,
            "uploadThroughput": 750e3 / 8,
        }
        line.send("Network.emulateNetworkConditions", slow)
        line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        line.on("Network.loadingFinished", lambda done: sent.append(done["encodedDataLength"]))
        page.goto(url, wait_until="networkidle")
        lcp_s = float(page.evaluate(_LCP)) / 1000
        browser.close()
    lcp_wrong = "" if lcp_s > 0 else "nothing was painted"
    return [
        row(
            "pages_lcp",
            lcp_s,
            "s",
            wrong=lcp_wrong,
            why=f"1.6 Mbit/s, 150 ms, CPU/4, first visit; target {TARGET_LCP_S}",
        ),
        row("pages_kb", sum(sent) / 1000, "kB", why=f"first visit with style and fonts; target {TARGET_KB}"),
    ]
