"""Every refusal of a refund has words for staff and merchants, in every language and short enough for msg."""

import pytest
from django.utils.translation import gettext, override

from scanforpay_django.merchant_api.envelope import MESSAGE_LENGTH
from scanforpay_django.models import Order, Refund
from scanforpay_django.wallets import refund_faults
from scanforpay_django.wallets.registry import wallet_classes
from tests.merchant import Merchant
from tests.paid_order import order, quick, refund
from tests.scripted import Platform, ScriptedWallet, platform
from tests.scripted import PlatformRefused as Refused

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = {name: text for name, text in vars(refund_faults).items() if name.isupper()}


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "ja"])
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_each_text_is_translated_and_fits_into_msg(name: str, language: str) -> None:
    with override(language):
        text = gettext(TEXTS[name]) % {"code": "X" * 20} if "%(" in TEXTS[name] else gettext(TEXTS[name])
    assert len(text) <= MESSAGE_LENGTH
    assert language == "en" or not text.startswith("The ")


def test_each_wallets_codes_are_written_as_they_are_compared() -> None:
    for backend in wallet_classes().values():
        assert backend.refund_words
        assert all(backend.normalise_code(code) == code for code in backend.refund_words)


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "余额"), ("en", "balance"), ("ja", "残高")])
def test_a_refused_refund_says_why_and_the_same_number_works_afterwards(
    merchant: Merchant,
    order: Order,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    word: str,
) -> None:
    monkeypatch.setattr(
        ScriptedWallet, "refund_words", {"NOTENOUGH": refund_faults.BALANCE_TOO_LOW}, raising=False
    )
    merchant.store.language = language
    merchant.store.save()
    platform.script["refund"] = Refused(platform_code="NOT_ENOUGH")
    told = refund(merchant)
    assert (told["code"], told["status"]) == (2, 2)
    assert word in told["msg"]
    assert merchant.call("/api/common/refundQuery", {"refundNo": "r1"})["msg"] == told["msg"]
    platform.script.clear()
    assert refund(merchant)["status"] == 1


def test_an_unknown_word_of_the_platform_is_shown_as_it_came(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["refund"] = Refused(platform_code="SOMETHING_NEW")
    assert "SOMETHING_NEW" in refund(merchant)["msg"]
    assert Refund.objects.get().state == "failed"
