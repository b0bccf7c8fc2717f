"""``{% load scanforpay %}``: a button and a QR code that lead to an order's pay page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from scanforpay_django import money
from scanforpay_django.models import Order

register = template.Library()


@register.simple_tag
def pay_button(order: Order, text: str = "") -> SafeString:
    """A link to the pay page, with the class ``scanforpay-button`` for the shop's own style sheet."""
    amount = money.display(order.amount, order.currency, get_language() or "")
    return format_html(
        '<a class="scanforpay-button" href="{}">{}</a>',
        order.pay_url,
        text or gettext("Pay %(amount)s") % {"amount": amount},
    )


@register.simple_tag
def pay_qr(order: Order) -> SafeString:
    """The QR code as an SVG element: it pays in whichever app scans it."""
    # Drawn here from an address of our own.
    return mark_safe(order.qr_svg)  # noqa: S308
