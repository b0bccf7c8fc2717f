"""notify_verify: whether a notification of this id was sent to this partner just now.

Source: global.alipay.com/doc/global/notify_verify: signed, without _input_charset, and answered by one word. That an id
is good for a minute: the official demos.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.http import HttpResponse

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Notice
from scanforpay_django.sandbox.shape import Shape, ShapeError, check, text

from .envelope import ApiError, find_signer

LIFETIME = timedelta(minutes=1)
VERIFY: Shape = {
    "service": text(64, required=True),
    "partner": text(16, required=True),
    "sign_type": text(8, required=True),
    "sign": text(512, required=True),
    "notify_id": text(128, required=True),
}


def verify(params: Mapping[str, str]) -> HttpResponse:
    """true or false, as plain text. Raises ApiError."""
    merchant = find_signer(params)
    try:
        check(params, VERIFY)
    except ShapeError as error:
        raise ApiError("ILLEGAL_ARGUMENT") from error
    sent = Notice.objects.filter(trade__merchant=merchant, event_id=params["notify_id"])
    was_sent = sent.filter(sent_at__gt=clock.now() - LIFETIME).exists()
    return HttpResponse("true" if was_sent else "false", content_type="text/plain;charset=utf-8")
