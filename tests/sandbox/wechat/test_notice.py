"""WeChat Pay's notifications, as they arrive on a real socket."""

import json
import time

import pytest
from cryptography.exceptions import InvalidSignature

from scanforpay_django.sandbox import faults, notify
from tests.sandbox.families import check_headers, check_wechat, verify_by_serial


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_wechats_notification_verifies_and_opens(wechat, pay_in_wechat, listener):
    body = pay_in_wechat()
    assert notify.wait_until_idle(10)
    [(headers, raw)] = listener.received
    check_wechat(wechat, headers, raw)
    event = json.loads(raw)
    assert event["id"].startswith("EV-")
    assert (event["event_type"], event["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    assert event["resource"]["algorithm"] == "AEAD_AES_256_GCM"
    told = wechat.open_notification(event["resource"])
    assert told == wechat.query(body["out_trade_no"]).json()
    assert (told["trade_state"], told["amount"]["total"], told["attach"]) == ("SUCCESS", 2100, "kept")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
@pytest.mark.parametrize("fault", ["bad-signature", "unknown-key", "stale-timestamp", "signtest"])
def test_a_wrongly_signed_try_is_followed_by_a_right_one(direct, pay_order, listener, fault):
    faults.arm(fault)
    listener.answers = [(401, b""), (200, b"")]
    pay_order()
    assert notify.wait_until_idle(10)
    (wrong, raw), (right, again) = listener.received
    assert raw == again
    check_headers(direct.config["public_key"], right, again)
    known_key = wrong["Wechatpay-Serial"] == direct.config["public_key_id"]
    assert known_key == (fault != "unknown-key")
    if fault == "stale-timestamp":
        check_headers(direct.config["public_key"], wrong, raw)
        assert 3500 < time.time() - int(wrong["Wechatpay-Timestamp"]) < 3700
    elif fault == "signtest":
        assert wrong["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    else:
        with pytest.raises(InvalidSignature):
            check_headers(direct.config["public_key"], wrong, raw)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_repeats")
def test_during_migration_callbacks_take_turns(in_mode, listener, pay):
    merchant = in_mode("migration")
    for _ in range(4):
        code = merchant.post("native", merchant.body(notify_url=listener.url)).json()["code_url"]
        assert pay("scan", {"code": code})["result"] == "ok"
        assert notify.wait_until_idle(10)
    seen = [verify_by_serial(merchant, headers, raw) for headers, raw in listener.received]
    assert sorted(seen) == ["certificate"] * 2 + ["public key"] * 2
