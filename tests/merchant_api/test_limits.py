"""Who may call from where and how often, and that no stranger can use that against a partner."""

import json
from typing import Any

import pytest

from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations import call_counter
from tests.merchant import SIGN_KEY, Merchant, envelope, header, split_verifies
from tests.transport.zoo import closed_port

pytestmark = pytest.mark.django_db

QUERY = "/api/common/payQuery"


@pytest.fixture(autouse=True)
def new_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been counted, and no minute ends while a test counts."""
    monkeypatch.setattr(call_counter, "WINDOW_SECONDS", 10**6)


def ask(merchant: Merchant, key: str = SIGN_KEY, **extra: Any) -> Any:
    """payQuery for an order there is not; code 30 when it is let through."""
    return merchant.post(QUERY, envelope(header(), {"partnerOrderNo": "none"}, key), **extra)


def code(answer: Any) -> int:
    return int(json.loads(answer.content)["response"]["body"]["code"])


def test_calls_from_elsewhere_are_refused(merchant: Merchant) -> None:
    Partner.objects.update(allowed_addresses="203.0.113.0/24, 2001:db8::1")
    assert code(ask(merchant, REMOTE_ADDR="203.0.113.9")) == 30
    assert code(ask(merchant, REMOTE_ADDR="2001:db8::1")) == 30
    assert code(ask(merchant, REMOTE_ADDR="::ffff:203.0.113.9")) == 30
    for address in ("203.0.114.1", "2001:db8::2", "", "nonsense"):
        answer = ask(merchant, REMOTE_ADDR=address)
        assert (answer.status_code, code(answer)) == (200, 3)
        assert split_verifies(answer.content.decode(), SIGN_KEY)


def test_who_is_not_proven_does_not_learn_of_the_list(merchant: Merchant) -> None:
    Partner.objects.update(allowed_addresses="203.0.113.0/24")
    assert code(ask(merchant, "wrong", REMOTE_ADDR="198.51.100.1")) == 8


def test_a_partner_that_calls_too_often_is_told_when_to_come_back(merchant: Merchant) -> None:
    Partner.objects.update(calls_per_minute=3)
    assert [code(ask(merchant)) for _ in range(3)] == [30] * 3
    answer = ask(merchant)
    assert (answer.status_code, code(answer)) == (429, 3)
    assert int(answer["Retry-After"]) > 0
    assert split_verifies(answer.content.decode(), SIGN_KEY)


def test_the_projects_limit_holds_for_partners_without_their_own(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_PARTNER_CALLS_PER_MINUTE = 1
    assert [ask(merchant).status_code for _ in range(2)] == [200, 429]
    Partner.objects.update(calls_per_minute=0)
    assert ask(merchant).status_code == 200


def test_other_partners_are_not_held_up(merchant: Merchant) -> None:
    Partner.objects.update(calls_per_minute=1)
    ask(merchant)
    assert ask(merchant).status_code == 429
    other = Partner.objects.create(partner_no="10002", name="Other", calls_per_minute=1)
    key = SignKey(partner=other)
    key.set_secret("other key")
    key.save()
    raw = envelope(header(partnerNo="10002"), {"partnerOrderNo": "none"}, "other key")
    assert merchant.post(QUERY, raw).status_code == 200


def test_a_stranger_cannot_lock_a_partner_out(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 5
    Partner.objects.update(calls_per_minute=5)
    statuses = [ask(merchant, "wrong").status_code for _ in range(20)]
    assert statuses == [200] * 5 + [429] * 15
    assert ask(merchant, "wrong", REMOTE_ADDR="198.51.100.1").status_code == 200
    # From the very address the stranger calls from, too.
    assert [ask(merchant).status_code for _ in range(5)] == [200] * 5


def test_what_a_stranger_is_told_at_the_limit_is_not_signed(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 1
    ask(merchant, "wrong")
    answer = json.loads(ask(merchant, "wrong").content)
    assert (answer["response"]["body"]["code"], answer["signature"]) == (3, "")


def test_without_redis_each_process_counts_alone(
    merchant: Merchant, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SCANFORPAY_LIMITS_REDIS_URL = f"redis://:secret@127.0.0.1:{closed_port()}/0"
    Partner.objects.update(calls_per_minute=2)
    assert [ask(merchant).status_code for _ in range(3)] == [200, 200, 429]
    assert "counted in this process only" in caplog.text
    assert "secret" not in caplog.text


def test_addresses_of_one_line_of_ipv6_count_together(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 5
    line = [f"2001:db8:1:2:{n:x}::1" for n in range(1, 12)]
    statuses = [ask(merchant, "wrong", REMOTE_ADDR=address).status_code for address in line]
    assert statuses == [200] * 5 + [429] * 6
    assert ask(merchant, "wrong", REMOTE_ADDR="2001:db8:1:3::1").status_code == 200
    assert ask(merchant, "wrong", REMOTE_ADDR="::ffff:203.0.113.9").status_code == 200
