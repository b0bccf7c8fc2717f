"""The template tags of a shop's own pages."""

import pytest
from django.template import Context, Template
from django.utils.translation import override

from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db


def render(text: str, merchant: Merchant, language: str = "en") -> str:
    # A call of the API leaves no language active.
    context = Context({"order": new_order(merchant), "title": "<Tea>"})
    with override(language):
        return Template("{% load scanforpay %}" + text).render(context)


def test_a_button_leads_to_the_pay_page(merchant: Merchant) -> None:
    shown = render("{% pay_button order %}", merchant)
    assert shown.startswith('<a class="scanforpay-button" href="http://localhost:8000/api/jspay/pay/')
    assert shown.endswith(">Pay CN¥21.00</a>")
    assert render("{% pay_button order %}", merchant, "ja").endswith(">21.00元を支払う</a>")
    assert "&lt;Tea&gt;" in render("{% pay_button order title %}", merchant)


def test_a_code_is_drawn(merchant: Merchant) -> None:
    shown = render("{% pay_qr order %}", merchant)
    assert shown.startswith("<svg")
    assert shown.endswith("</svg>")
