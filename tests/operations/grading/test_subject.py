"""With which orders a shop is graded."""

import pytest

from scanforpay_django.models import Order
from scanforpay_django.operations.grading.subject import NotGraded, find_material
from tests.merchant import PARTNER_NO, SIGN_KEY, Merchant, add_account
from tests.rows import Rows

pytestmark = pytest.mark.django_db


def refused(number: str = "p1", partner_no: str = PARTNER_NO) -> str:
    with pytest.raises(NotGraded) as error:
        find_material(partner_no, number)
    return str(error.value)


def test_an_order_by_either_number(merchant: Merchant) -> None:
    made = merchant.create(partnerOrderNo="p1")
    for number in ("p1", made["orderNo"]):
        found = find_material(PARTNER_NO, number)
        assert (found.order.partner_order_no, found.key) == ("p1", SIGN_KEY)


def test_a_partner_that_takes_real_money_is_refused(merchant: Merchant, rows: Rows) -> None:
    merchant.create(partnerOrderNo="p1")
    live = add_account(rows.store(merchant.partner), "Wechat", {}, {})
    live.environment = "production"
    live.save()
    assert "takes real money" in refused()
    live.is_active = False
    live.save()
    assert find_material(PARTNER_NO, "p1")


def test_what_there_is_not(merchant: Merchant) -> None:
    assert refused(partner_no="nobody") == "There is no partner nobody."
    assert "has no order p1" in refused()
    merchant.create(partnerOrderNo="p1")
    merchant.store.wallet_accounts.update(is_active=False)
    assert "not a sandbox order" in refused()


@pytest.mark.parametrize("state", ["closed", "expired", "refunded"])
def test_an_order_that_cannot_be_paid_any_more(merchant: Merchant, state: str) -> None:
    merchant.create(partnerOrderNo="p1")
    Order.objects.update(state=state)
    assert f"is {state}" in refused()


def test_a_partner_without_a_key(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1")
    merchant.partner.sign_keys.all().delete()
    assert "no valid sign key" in refused()
