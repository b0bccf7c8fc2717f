"""A store's colour and logo: what is taken and what is refused."""

import pytest
from django.core.exceptions import ValidationError

from scanforpay_django.models.branding import check_color, contrast, ink_on, read_picture
from tests.browser.pictures import jpeg, png, webp


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#ffffff", "#000000", 21.0),
        ("#ffffff", "#777777", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#f00000", "#f00000", 1),
    ],
)
def test_contrast_is_wcags(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    ("color", "ink"),
    [("#8a1538", "#ffffff"), ("#FFD54A", "#16181d"), ("#07c160", "#16181d"), ("#000000", "#ffffff")],
)
def test_colours_that_can_be_read_are_taken(color: str, ink: str) -> None:
    check_color(color)
    assert ink_on(color) == ink


@pytest.mark.parametrize(
    "color", ["#7a7a7a", "#777777", "8a1538", "#8a153", "red", "#8a1538;}", "url(x)", "#８a1538"]
)
def test_others_are_refused(color: str) -> None:
    with pytest.raises(ValidationError):
        check_color(color)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (png(40, 60), "image/png"),
        (jpeg(200, 100), "image/jpeg"),
        (webp(b"VP8 ", 64, 48), "image/webp"),
        (webp(b"VP8L", 64, 48), "image/webp"),
        (webp(b"VP8X", 1000, 1024), "image/webp"),
    ],
)
def test_pictures_say_what_they_are(content: bytes, content_type: str) -> None:
    assert read_picture(content).content_type == content_type


def test_their_sizes_are_read() -> None:
    found = [
        read_picture(one)
        for one in (
            png(40, 60),
            jpeg(200, 100),
            webp(b"VP8 ", 61, 47),
            webp(b"VP8L", 64, 48),
            webp(b"VP8X", 99, 98),
        )
    ]
    assert [(one.width, one.height) for one in found] == [(40, 60), (200, 100), (61, 47), (64, 48), (99, 98)]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

NO_LOGOS = [
    b"", b"GIF89a" + bytes(100), SVG, b"<html><script>alert(1)</script>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff",
    b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPABCD" + bytes(40), jpeg(64, 64)[:24], png(16, 64), png(64, 16),
    jpeg(2000, 64), b"BM" + bytes(16) + b"\x40\0\0\0" * 2 + bytes(40),
    jpeg(64, 64).replace(b"\xff\xc2", b"\xff\xc4"),
    webp(b"VP8 ", 64, 64)[:28], webp(b"VP8 ", 64, 64).replace(b"\x9d\x01\x2a", b"abc"),
    webp(b"VP8L", 64, 64).replace(b"\x2f", b"x"),
    webp(b"VP8X", 64, 64)[:25], png(64, 64)[:20], png(0, 64), png(64, 64) + bytes(64 * 1024),
]  # fmt: skip


@pytest.mark.parametrize("content", NO_LOGOS, ids=range(len(NO_LOGOS)))
def test_what_is_no_small_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        read_picture(content)
