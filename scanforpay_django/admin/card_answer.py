"""The answer with a card as PDF, where the extra is installed that draws it."""

from django.http import HttpResponse
from django.utils.module_loading import import_string

from scanforpay_django.operations.printed_card import Card

MISSING = (
    "The card as PDF needs an extra: pip install 'scanforpay-django[pdf]'. The card as SVG prints the same.\n"
)


def answer_pdf(card: Card, language: str) -> HttpResponse:
    """The PDF; 501 with what to install without the extra."""
    try:
        draw = import_string("scanforpay_django.operations.card_pdf.draw_pdf")
    except ImportError:
        return HttpResponse(MISSING, status=501, content_type="text/plain; charset=utf-8")
    return HttpResponse(draw(card, language), content_type="application/pdf")
