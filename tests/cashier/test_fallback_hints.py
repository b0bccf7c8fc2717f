"""What a page says where it cannot pay."""

import pytest

from scanforpay_django.models import Payment
from tests.house import house, merchant, phones
from tests.merchant import Merchant

__all__ = ["house", "merchant", "phones"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("app", "wallet", "word"), [("wechat", "Alipay", "支付宝"), ("alipay", "Wechat", "微信支付")]
)
def test_the_wrong_app_says_which_one_to_open(
    merchant: Merchant, phones, app: str, wallet: str, word: str
) -> None:
    page = phones(app).open(merchant.create(wallet=wallet)["payUrl"])
    assert page.attribute("view") == "wrong_app"
    assert word in page.html
    assert not Payment.objects.exists()
