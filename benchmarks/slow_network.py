"""The page in WeChat on a bad network: ``python -m benchmarks.slow_network [--rounds 9]``.

Chromium with 400 ms latency and 400 kbit/s each way (its own emulation), the demo on this machine, nothing compressed.
From the moment WeChat's sign-in sends the browser back to us until the page calls the bridge: two round trips, the
exchange of the code and the prepay call at the platform, which here is the sandbox.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from scanforpay_django.client import Client
from tests.browser.apps import user_agent
from tests.chaos.services import ROOT, free_port, listens, wait_until
from tests.chromium import ARGS

LATENCY_MS = 400
BYTES_PER_SECOND = 400_000 / 8
GOAL_SECONDS = 2.5
# The demo's merchant.
PARTNER_NO, STORE_NO, SIGN_KEY = "10001", "100010000000002", "demo-sign-key-10001"
# Notes when the bridge is called, in milliseconds of the same clock the browser's network log has.
BRIDGE = """
var bridge = {invoke: function () { window.calledAt = window.calledAt || Date.now(); }};
Object.defineProperty(window, "WeixinJSBridge", {get: function () { return bridge; }, set: function () {}});
"""


@contextmanager
def demo() -> Iterator[str]:
    """The demo's address."""
    port = free_port()
    with tempfile.TemporaryDirectory() as place:
        env = {
            **os.environ,
            "DEMO_DATABASE": str(Path(place) / "demo.sqlite3"),
            "DATABASE_URL": "",
            "REDIS_URL": "",
        }
        command = [sys.executable, "manage.py", "demo", "--port", str(port), "--no-browser"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            assert wait_until(lambda: listens(port), 60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


@dataclass
class Visit:
    """One customer's way, in seconds of the browser's clock."""

    opened: float = 0
    returned: float = 0
    called: float = 0
    # bytes as they came
    received: list[int] = field(default_factory=list)

    def hear(self, event: dict[str, Any]) -> None:
        """A request begins."""
        path = event["request"]["url"]
        if "/jspay/pay/" in path and not self.opened:
            self.opened = event["wallTime"]
        if "/jspay/oauth/" in path:
            self.returned = event["wallTime"]


def visit(browser: Browser, url: str) -> Visit:
    """Open the payUrl in WeChat for the first time."""
    context = browser.new_context(user_agent=user_agent("wechat"), viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(BRIDGE)
    network, found = context.new_cdp_session(page), Visit()
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_SECOND,
            "uploadThroughput": BYTES_PER_SECOND,
        },
    )
    network.on("Network.requestWillBeSent", found.hear)
    network.on("Network.loadingFinished", lambda event: found.received.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_function("window.calledAt")
    found.called = page.evaluate("window.calledAt") / 1000
    context.close()
    return found


def show(name: str, found: list[float]) -> None:
    """A line of the table."""
    rounds = ", ".join(f"{one:.2f}" for one in found)
    print(f"| {name} | {statistics.median(found):.2f} s | {max(found):.2f} s | {rounds} |")


def main() -> None:
    """Every round is a new order and a new customer; the first one warms up."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with demo() as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        shop = Client(f"{root}/api/", PARTNER_NO, SIGN_KEY)
        visits = []
        for turn in range(options.rounds + 1):
            number = f"s{uuid.uuid4().hex[:20]}"
            order = shop.create_order(
                store_no=STORE_NO, partner_order_no=number, wallet="Wechat", amount=2100, title="一杯乌龙茶"
            )
            made = visit(browser, order.pay_url)
            if turn:
                visits.append(made)
        browser.close()
    print("| from | median | worst | rounds |\n|---|---|---|---|")
    show("WeChat's sign-in coming back", [one.called - one.returned for one in visits])
    show("the payUrl, sign-in included", [one.called - one.opened for one in visits])
    print(
        f"\nThe page: {statistics.median(max(one.received) for one in visits) / 1000:.1f} KB, uncompressed."
    )
    worst = max(one.called - one.returned for one in visits)
    print(f"Goal: under {GOAL_SECONDS} s; {'met' if worst < GOAL_SECONDS else 'NOT met'} in every round.")


if __name__ == "__main__":
    main()
