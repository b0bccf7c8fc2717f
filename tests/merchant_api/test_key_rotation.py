"""A key is replaced under load: no call is refused within the overlap, none accepted after it."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from scanforpay_django import clock
from scanforpay_django.models import Order, SignKey
from tests.merchant import SIGN_KEY, Merchant, envelope, header, order_body, split_verifies

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NEW_KEY = "the key that comes after"
EVERY_SECONDS = 1 / 50


class Shop:
    """Calls fifty times a second, with the key it has at that moment."""

    def __init__(self, url: str) -> None:
        self.url, self.key, self.stop = url, SIGN_KEY, threading.Event()
        # (key, code, whether the answer verifies under the key of the call)
        self.answers: list[tuple[str, int, bool]] = []
        self.local = threading.local()

    def call(self, number: int) -> None:
        key = self.key
        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
        raw = envelope(header(), order_body(partnerOrderNo=f"k{number}"), key)
        answer = self.local.session.post(
            self.url, data=raw, headers={"Content-Type": "application/json"}, timeout=30
        )
        code = json.loads(answer.content)["response"]["body"]["code"]
        self.answers.append((key, code, split_verifies(answer.text, key)))

    def run(self) -> None:
        number, due = 0, time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            while not self.stop.is_set():
                pool.submit(self.call, number)
                number, due = number + 1, due + EVERY_SECONDS
                time.sleep(max(0, due - time.monotonic()))

    def wait_for(self, count: int) -> None:
        wanted, end = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < wanted:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_no_call_is_refused_while_a_key_is_replaced(merchant: Merchant, live_server: Any) -> None:
    shop = Shop(f"{live_server.url}/api/jspay/create")
    caller = threading.Thread(target=shop.run)
    caller.start()
    try:
        shop.wait_for(50)
        key = SignKey(partner=merchant.partner, name="second")
        key.set_secret(NEW_KEY)
        key.save()
        shop.wait_for(50)
        shop.key = NEW_KEY
        shop.wait_for(50)
        SignKey.objects.filter(name="first").update(valid_until=clock.now())
        shop.wait_for(50)
    finally:
        shop.stop.set()
        caller.join()
    assert {(code, verifies) for _key, code, verifies in shop.answers} == {(1, True)}
    assert {key for key, _code, _verifies in shop.answers} == {SIGN_KEY, NEW_KEY}
    assert Order.objects.count() == len(shop.answers) >= 200
    # After its end the old key opens nothing.
    shop.key = SIGN_KEY
    shop.call(0)
    assert shop.answers[-1][1] == 8


def test_a_leaked_key_ends_at_once(merchant: Merchant) -> None:
    assert merchant.create()["code"] == 1
    SignKey.objects.update(valid_until=clock.now() - timedelta(seconds=1))
    answer = merchant.post("/api/jspay/create", envelope(header(), order_body())).json()
    assert (answer["response"]["body"]["code"], answer["signature"]) == (8, "")
