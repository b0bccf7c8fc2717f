"""When the signature is wrong: each mistake that integrators make is named, and no right signature is ever told."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations.signature import diagnose
from tests.merchant import SIGN_KEY, STORE_NO, Merchant, header
from tests.operations.signature.calls import (
    FUTURE_KEY,
    OLD_KEY,
    OTHER_KEY,
    compact,
    keys,
    mistakes,
    php,
    sent,
    sha,
    value,
)

__all__ = ["keys"]
pytestmark = pytest.mark.django_db


def test_a_right_signature_is_right(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["right"]
    assert mistakes(raw, sha(raw, SIGN_KEY).upper()) == ["right", "upper_case"]


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (OLD_KEY, "old_key"),
        (FUTURE_KEY, "early_key"),
        (OTHER_KEY, "other_partner"),
        (f'"{SIGN_KEY}"', "key_quoted"),
        (SIGN_KEY.upper(), "key_case"),
        ("some other key", "unknown"),
    ],
)
def test_a_wrong_key(keys: Merchant, taken: str, code: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, taken)) == [code]


@pytest.mark.parametrize(
    ("signature", "codes"),
    [(None, ["missing"]), ("", ["missing"]), (7, ["missing"]), ("abc!", ["length"]), ("ab" * 31, ["length"])],
)
def test_what_is_no_signature(keys: Merchant, signature: object, codes: list[str]) -> None:
    assert mistakes(compact(value()), signature) == codes


def test_two_mistakes_at_once(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(php(raw), SIGN_KEY + "\n")) == ["key_blank", "slashes"]
    assert mistakes(raw, sha(php(raw), OLD_KEY)) == ["old_key", "slashes"]
    anew = json.dumps(json.loads(raw)).encode()
    assert mistakes(raw, sha(anew, OLD_KEY)) == ["old_key", "reserialised"]
    assert mistakes(raw, sha(anew, OTHER_KEY)) == ["other_partner", "reserialised"]
    assert mistakes(raw, sha(raw + b"\n", OTHER_KEY)) == ["other_partner", "text_blank"]
    keyed = compact(value(signType="HMAC-SHA256"))
    others = hmac.new(OTHER_KEY.encode(), keyed, hashlib.sha256).hexdigest()
    assert mistakes(keyed, others) == ["other_partner"]


def test_the_clock_and_other_things_beside_the_signature(keys: Merchant) -> None:
    late = (clock.now() - timedelta(hours=8)).isoformat(timespec="seconds")
    raw = compact(value(reqTime=late))
    found = diagnose(sent(raw, sha(raw, SIGN_KEY)))
    assert [one.code for one in found.findings] == ["right", "clock"]
    assert "-288" in str(found.findings[1])
    assert not found.is_right
    replayed = compact(value(respTime=late))
    assert mistakes(replayed, sha(replayed, SIGN_KEY)) == ["right", "replayed"]
    Partner.objects.filter(partner_no="10001").update(is_active=False)
    good = compact(value())
    assert mistakes(good, sha(good, SIGN_KEY)) == ["right", "partner_disabled"]


@pytest.mark.parametrize(
    ("changes", "codes", "told"),
    [
        ({"reqTime": ""}, ["field_missing"], "reqTime"),
        ({"reqTime": "2026-01-02 03:04:05"}, ["field_invalid"], "RFC 3339"),
        ({"reqTime": 1767294245}, ["field_invalid"], "reqTime"),
        ({"reqTime": "2026-02-31T00:00:00Z"}, ["field_invalid"], "reqTime"),
        ({"version": ""}, ["field_missing"], "version"),
        ({"version": "2.0"}, ["field_invalid"], "version"),
        ({"version": 1.0}, ["field_invalid"], "version"),
        ({"reqMsgId": "x" * 37}, ["field_invalid"], "36"),
        ({"version": "1", "reqTime": "0001-01-01T00:00:00+14:00"}, ["field_invalid", "clock"], "reqTime"),
    ],
)
def test_what_the_door_refuses_is_not_called_right(
    keys: Merchant, changes: dict[str, Any], codes: list[str], told: str
) -> None:
    raw = compact(value(**changes))
    found = diagnose(sent(raw, sha(raw, SIGN_KEY)))
    assert [one.code for one in found.findings] == ["right", *codes]
    assert told in " ".join(map(str, found.findings))
    assert not found.is_right
    answer = json.loads(keys.post("/api/jspay/create", sent(raw, sha(raw, SIGN_KEY))).content)
    assert answer["response"]["body"]["code"] in (3, 4, 5)


def test_nobody_and_nothing(merchant: Merchant) -> None:
    raw = compact(value(partnerNo="10009"))
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["no_partner"]
    SignKey.objects.all().delete()
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["no_key"]
    assert [one.code for one in diagnose(b"request=1&x=2").findings] == ["unreadable"]


def test_a_store_number_is_needed_for_nothing_of_this(keys: Merchant) -> None:
    raw = compact({"header": header(), "body": {"storeNo": STORE_NO}})
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["right"]
