"""The card of a till: what fits on it."""

import pytest

from scanforpay_django.models import CounterCode, Store
from scanforpay_django.operations.printed_card import HEIGHT, WIDTH, Line, draw_svg, lay_out
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


def test_long_names_fit_and_no_markup_gets_through(merchant: Merchant) -> None:
    Store.objects.update(name="很长的店名" * 12, color="")
    code = CounterCode.objects.create(store=Store.objects.get(), number="till-1", name='<script>&"')
    card = lay_out(code)
    assert card.name.fitted * 60 <= WIDTH
    assert "<script>" not in draw_svg(card)
    assert "&lt;script&gt;" in draw_svg(card)
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y, _width, _height in card.modules)


def test_a_short_line_keeps_its_size() -> None:
    assert Line(text="茶", baseline=1, size=8).fitted == 8
    assert Line(text="", baseline=1, size=8).fitted == 8
    assert Line(text="a" * 100, baseline=1, size=8).fitted < 2


def test_each_language_has_its_words(merchant: Merchant) -> None:
    code = CounterCode.objects.create(store=merchant.store, number="till-1")
    words = {lay_out(code, language).lines[0].text for language in ("zh-hans", "zh-hant", "en", "ja")}
    assert words == {"扫码支付", "掃碼支付", "Scan to pay", "読み取って支払い"}
