"""A card as PDF."""

import pytest

from scanforpay_django.models import CounterCode
from scanforpay_django.operations.card_pdf import FONTS, draw_pdf
from scanforpay_django.operations.printed_card import lay_out
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja", "en", "de"])
def test_the_fonts_are_the_readers_own(merchant: Merchant, language: str) -> None:
    code = CounterCode.objects.create(store=merchant.store, number="till-1", name="吧台")
    drawn = draw_pdf(lay_out(code), language)
    assert drawn.startswith(b"%PDF-")
    assert FONTS.get(language, FONTS["en"]).encode() in drawn
    assert b"FontFile" not in drawn
    # The same card is the same file.
    assert draw_pdf(lay_out(code), language) == drawn
