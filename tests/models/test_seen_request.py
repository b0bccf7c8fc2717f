"""A request's bytes start something once."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Partner, SeenRequest
from scanforpay_django.operations.housekeeping import forget_requests
from tests.merchant import Merchant

DIGEST = "a" * 64


def test_the_first_mark_is_the_first(merchant: Merchant) -> None:
    other = Partner.objects.create(partner_no="10002", name="Other")
    assert SeenRequest.objects.mark(merchant.partner.pk, DIGEST)
    assert not SeenRequest.objects.mark(merchant.partner.pk, DIGEST)
    assert SeenRequest.objects.mark(other.pk, DIGEST)


@pytest.mark.parametrize(
    ("project", "own", "kept"),
    [
        (900, None, timedelta(seconds=1800)),
        (900, 60, timedelta(seconds=120)),
        (900, 0, timedelta(days=30)),
        (0, None, timedelta(days=30)),
        (0, 60, timedelta(seconds=120)),
    ],
)
def test_a_digest_is_kept_while_its_request_could_be_taken_again(
    merchant: Merchant, settings, project: int, own: int | None, kept: timedelta
) -> None:
    settings.SCANFORPAY_REQUEST_WINDOW_SECONDS = project
    Partner.objects.update(request_window_seconds=own)
    SeenRequest.objects.mark(merchant.partner.pk, DIGEST)
    SeenRequest.objects.update(seen_at=clock.now() - kept + timedelta(seconds=20))
    assert not forget_requests()
    assert SeenRequest.objects.exists()
    SeenRequest.objects.update(seen_at=clock.now() - kept - timedelta(seconds=20))
    assert not forget_requests()
    assert not SeenRequest.objects.exists()
