"""A wallet is one file and one line of settings: its own app, bridge and barcodes work, and gaps are named at start."""

from pathlib import Path

import pytest

from scanforpay_django.models import Refund, Store
from tests.house import house, merchant
from tests.merchant import STORE_NO, Merchant
from tests.wallets import tea_pay
from tests.wallets.tea_platform import TeaPlatform, platform, tea

__all__ = ["house", "merchant", "platform", "tea"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_its_barcode_is_told_from_others_and_charged(tea: Merchant) -> None:
    body = {"storeNo": STORE_NO, "partnerOrderNo": "till-1", "orderAmount": 2100, "barcode": f"77{'1' * 16}"}
    answer = tea.call("/api/offline/pay", body)
    assert (answer["code"], answer["status"], answer["wallet"]) == (1, 1, "TeaPay")
    refused = tea.call("/api/offline/pay", {**body, "partnerOrderNo": "till-2", "barcode": "99" * 9})
    assert refused["code"] == 5


def test_a_refund_goes_through_it(tea: Merchant, platform: TeaPlatform) -> None:
    body = {"storeNo": STORE_NO, "partnerOrderNo": "till-1", "orderAmount": 2100, "barcode": f"77{'1' * 16}"}
    tea.call("/api/offline/pay", body)
    answer = tea.call(
        "/api/common/refund", {"partnerOrderNo": "till-1", "refundNo": "r1", "orderAmount": 700}
    )
    assert (answer["code"], answer["status"]) == (1, 1)
    assert platform.refunds == {Refund.objects.get().out_refund_no: 700}


def test_the_docs_show_this_very_file() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs" / "adding-a-wallet.md"
    source = Path(tea_pay.__file__).read_text(encoding="utf-8")
    assert f"```python\n{source}```" in docs.read_text(encoding="utf-8")


def test_a_store_without_an_account_does_not_take_it(tea: Merchant) -> None:
    other = Store.objects.create(partner=tea.partner, store_no="2", name="Other")
    assert tea.create(wallet="TeaPay", storeNo=other.store_no)["code"] == 43
