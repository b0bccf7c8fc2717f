"""A store's colour and logo: checked when they are saved, and shown."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from scanforpay_django.models import Logo, Store
from scanforpay_django.models.branding import check_color, contrast, ink_on, read_picture
from tests.browser.conftest import Visitor, accessible
from tests.browser.pictures import jpeg, png, webp
from tests.merchant import Merchant


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


@pytest.fixture
def staff(client: Client, django_user_model) -> Client:
    """A superuser, signed in."""
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


def save(staff: Client, store: Store, **changes: object):
    """Save the store's page in admin as it stands, with these changes."""
    url = reverse("admin:scanforpay_store_change", args=[store.pk])
    form = staff.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in values.items() if value not in (None, False)}
    return staff.post(url, {**filled, **changes})


@pytest.mark.django_db
def test_staff_upload_replace_and_remove_a_logo(merchant: Merchant, staff: Client) -> None:
    store = merchant.store
    for content in (png(64, 64), png(48, 48)):
        answer = save(staff, store, logo_file=SimpleUploadedFile("logo.svg", content, "image/svg+xml"))
        assert answer.status_code == 302, answer.context["errors"]
        store.refresh_from_db()
        assert bytes(store.logo.content) == content
        assert store.logo.content_type == "image/png"
    # The first one is gone, and a save without a file keeps the second.
    assert Logo.objects.count() == 1
    assert save(staff, store, color="#8a1538").status_code == 302
    store.refresh_from_db()
    assert store.logo is not None
    assert store.color == "#8a1538"
    assert save(staff, store, remove_logo="on").status_code == 302
    store.refresh_from_db()
    assert (store.logo, Logo.objects.count()) == (None, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [{"logo_file": SVG}, {"color": "#777777"}, {"logo_file": bytes(70_000)}])
def test_what_is_refused_changes_nothing(merchant: Merchant, staff: Client, bad: dict) -> None:
    if "logo_file" in bad:
        bad = {"logo_file": SimpleUploadedFile("logo.png", bad["logo_file"], "image/png")}
    answer = save(staff, merchant.store, **bad)
    assert answer.status_code == 200
    assert answer.context["errors"]
    merchant.store.refresh_from_db()
    assert (merchant.store.logo, merchant.store.color) == (None, "")


@pytest.mark.django_db
def test_a_colour_that_was_not_checked_reaches_no_style(merchant: Merchant, client: Client) -> None:
    made = merchant.create()
    Store.objects.update(color="}*{}a")
    html = client.get(made["payUrl"].removeprefix("http://localhost:8000")).content.decode()
    assert "}*{}a" not in html


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_customers_see_both(house: str, open_page: Visitor) -> None:
    from tests.house import seed_merchant

    merchant = seed_merchant()
    Store.objects.update(color="#8a1538", logo=Logo.objects.keep(png(64, 64)))
    page = open_page(merchant.create()["payUrl"], "desktop", locale="en-US")
    logo = page.locator("header img.logo")
    expect(logo).to_be_visible()
    assert logo.evaluate("one => one.naturalWidth") == 64
    assert re.search(r"/api/jspay/logo/[0-9a-f]{32}$", logo.get_attribute("src"))
    line = page.evaluate("getComputedStyle(document.querySelector('main')).boxShadow")
    assert line.startswith("rgb(138, 21, 56) 0px 4px")
    accessible(page)
