"""All lines by time; what does not fit a page."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from scanforpay_django.models import Flag, OrderEvent
from scanforpay_django.operations.order_story import MAX_LINES, Topic, load_rows, make_timeline, show_raw_rows
from tests.merchant import Merchant
from tests.operations.order_story.seed import CREATED, EVERYTHING, NOW, Story, read, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER

pytestmark = pytest.mark.django_db
PAID = Story(name="paid", order=PAID_ORDER, payments=(APPLIED,), says="")


def test_lines_are_by_time_and_topics_are_a_part(merchant: Merchant) -> None:
    order = seed(merchant.store, PAID)
    for at, source in ((NOW, "staff"), (CREATED + timedelta(seconds=1), "api")):
        OrderEvent.objects.create(order=order, at=at, source=source)
    with override("en"):
        lines = make_timeline(read(order)).lines
        staffs = make_timeline(read(order), topics=frozenset({Topic.STAFF})).lines
    assert [line.title for line in lines] == [
        "Created by the shop", "Noted", "Payment begun in Alipay", "Noted",
    ]  # fmt: skip
    assert [line.at for line in staffs] == [NOW]


def test_what_happened_at_one_moment_is_on_one_page(merchant: Merchant) -> None:
    order = seed(merchant.store, PAID)
    early = CREATED + timedelta(minutes=1)
    for _ in range(5):
        OrderEvent.objects.create(order=order, at=early, source="api")
    for _ in range(MAX_LINES - 2):
        OrderEvent.objects.create(order=order, at=NOW, source="api")
    page = make_timeline(read(order))
    # Of the five, three were read: none is shown here, and all are on the next page.
    assert {line.at for line in page.lines} == {NOW}
    assert page.older_before == NOW
    older = make_timeline(load_rows(order, EVERYTHING, before=NOW), before=NOW)
    assert [line.at for line in older.lines].count(early) == 5
    assert older.older_before is None


def test_a_topic_of_which_nothing_is_new_leads_to_what_is_older(merchant: Merchant) -> None:
    order = seed(merchant.store, PAID)
    OrderEvent.objects.create(order=order, at=CREATED, source="staff")
    for n in range(MAX_LINES + 1):
        OrderEvent.objects.create(order=order, at=NOW + timedelta(seconds=n), source="api")
    staffs = frozenset({Topic.STAFF})
    page = make_timeline(read(order), topics=staffs)
    assert page.lines == ()
    assert page.older_before is not None
    older = load_rows(order, EVERYTHING, before=page.older_before)
    assert len(make_timeline(older, topics=staffs, before=page.older_before).lines) == 1


def test_a_flag_that_was_cleared_before_that_was_an_event(merchant: Merchant, django_user_model) -> None:
    order = seed(merchant.store, PAID)
    user = django_user_model.objects.create_user("one")
    old = Flag.objects.create(
        order=order, kind="refund_sum", cleared_at=NOW, cleared_by=user, reason="compared"
    )
    with override("en"):
        (line,) = make_timeline(read(order), topics=frozenset({Topic.STAFF})).lines
    assert (line.title, line.notes) == (
        "Flag cleared: the platform reports another sum of refunds",
        ("compared",),
    )
    OrderEvent.objects.create(order=order, source="staff", data={"act": "clear_flag", "flag_id": old.pk})
    assert len(make_timeline(read(order), topics=frozenset({Topic.STAFF})).lines) == 1


def test_raw_rows_have_no_secrets(merchant: Merchant) -> None:
    order = seed(merchant.store, PAID)
    order.payments.update(payer_id="oXYZ", prepay={"id": "prepay-id"})
    raw = show_raw_rows(read(order))
    assert order.order_no in raw
    for secret in (order.token, order.scan_token, "oXYZ", "prepay-id"):
        assert secret not in raw
