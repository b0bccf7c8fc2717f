"""A card as PDF. It needs the extra: pip install "scanforpay-django[pdf]"."""

from io import BytesIO

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from scanforpay_django.operations.printed_card import HEIGHT, WIDTH, Card

#: the fonts that PDF readers bring for a language, so that none of several megabytes is in the file. Source: ISO 32000
#: Annex and Adobe's technical note 5097, CID fonts by their collections' names
FONTS = {"zh-hans": "STSong-Light", "zh-hant": "MSung-Light", "ja": "HeiseiKakuGo-W5", "en": "STSong-Light"}


def draw_pdf(card: Card, language: str) -> bytes:
    """The card as a PDF of one page. Its fonts are those that the reader brings for the language."""
    font = FONTS.get(language, FONTS["en"])
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    written = BytesIO()
    canvas = Canvas(written, pagesize=(WIDTH * mm, HEIGHT * mm), invariant=True)
    canvas.setTitle(card.name.text)
    canvas.setFillColor(card.color)
    canvas.rect(0, (HEIGHT - 24) * mm, WIDTH * mm, 24 * mm, stroke=0, fill=1)
    if card.logo:
        picture = ImageReader(BytesIO(card.logo[1]))
        canvas.drawImage(picture, 6 * mm, (HEIGHT - 19) * mm, 14 * mm, 14 * mm, mask="auto")
    for line, ink in ((card.name, card.ink), *((one, "#16181d") for one in card.lines)):
        canvas.setFillColor(ink)
        canvas.setFont(font, line.fitted * mm)
        canvas.drawCentredString(WIDTH / 2 * mm, (HEIGHT - line.baseline) * mm, line.text)
    canvas.setFillColor("#000000")
    for x, y, width, height in card.modules:
        canvas.rect(x * mm, (HEIGHT - y - height) * mm, width * mm, height * mm, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return written.getvalue()
