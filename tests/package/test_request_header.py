"""What the header of a call must be."""

import json

import pytest

from scanforpay_django.models import Partner
from tests.merchant import SIGN_KEY, Merchant, envelope, header, order_body, split_verifies

CREATE = "/api/jspay/create"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reqTime": "2018-07-25T18:06:05+08:00"}, 3),
        ({"reqTime": "9999-12-31T23:59:59+00:00"}, 3),
        ({"reqTime": None}, 4),
        ({"reqTime": "yesterday"}, 5),
        ({"reqTime": "2026-13-01T00:00:00+00:00"}, 5),
        ({"reqTime": "2026-01-01T00:00:00"}, 5),
        ({"reqTime": 17}, 5),
        ({"version": None}, 4),
        ({"version": "2.0"}, 5),
        ({"reqMsgId": "x" * 37}, 5),
        ({"reqMsgId": 5}, 5),
        ({"reqMsgId": "a\u007f"}, 5),
    ],
)
def test_headers_are_checked_after_the_proof(merchant: Merchant, changes: dict, code: int) -> None:
    answer = merchant.post(CREATE, envelope(header(**changes), order_body()))
    assert json.loads(answer.content)["response"]["body"]["code"] == code
    assert split_verifies(answer.content.decode(), SIGN_KEY)


def test_the_window_can_be_off_but_the_time_is_required(merchant: Merchant) -> None:
    Partner.objects.update(request_window_seconds=0)
    old = header(reqTime="2018-07-25T18:06:05+08:00")
    body = json.loads(merchant.post(CREATE, envelope(old, order_body())).content)["response"]["body"]
    assert body["code"] == 1
    none = json.loads(merchant.post(CREATE, envelope(header(reqTime=None), order_body())).content)
    assert none["response"]["body"]["code"] == 4


@pytest.mark.parametrize(
    "moment",
    [
        "2016-12-31t23:59:60z",
        "2016-12-31T23:59:60.5+00:00",
        "2017-01-01T07:59:60+08:00",
        "2026-01-01t00:00:00Z",
        "2026-01-01T00:00:00z",
    ],
)
def test_moments_as_rfc_3339_allows_them(merchant: Merchant, moment: str) -> None:
    Partner.objects.update(request_window_seconds=0)
    answer = merchant.post(CREATE, envelope(header(reqTime=moment), order_body()))
    assert json.loads(answer.content)["response"]["body"]["code"] == 1


@pytest.mark.parametrize("moment", ["2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:600Z"])
def test_other_minutes_and_seconds_are_none(merchant: Merchant, moment: str) -> None:
    answer = merchant.post(CREATE, envelope(header(reqTime=moment), order_body()))
    assert json.loads(answer.content)["response"]["body"]["code"] == 5
