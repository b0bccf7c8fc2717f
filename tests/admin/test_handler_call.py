"""Handler calls in the admin."""

from django.test import Client

from scanforpay_django.models import HandlerCall
from tests.admin.pages import url
from tests.merchant import Merchant, new_order


def test_staff_see_why_it_failed_and_have_it_called_again(merchant: Merchant, staff: Client) -> None:
    order = new_order(merchant)
    failed = HandlerCall.objects.create(
        order=order, event="paid", handler="shop.ship", state="exhausted", last_error="ValueError: no stock"
    )
    done = HandlerCall.objects.create(order=order, event="paid", handler="shop.mail", state="done")
    assert "no stock" in staff.get(url(HandlerCall, "change", failed.pk)).content.decode()
    form = {"action": "call_selected_again", "_selected_action": [failed.pk, done.pk]}
    answer = staff.post(url(HandlerCall, "changelist"), form, follow=True)
    assert "1 handler will be called again." in answer.content.decode()
    assert set(HandlerCall.objects.values_list("handler", "state")) == {
        ("shop.ship", "pending"),
        ("shop.mail", "done"),
    }
