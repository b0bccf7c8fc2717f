"""How a store looks to its customers: a colour and a small logo, both checked before they are kept."""

import hashlib
import re
from dataclasses import dataclass
from io import BytesIO

import imagesize
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.primary import PrimaryModel, PrimaryQuerySet

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
# White, and the pages' own dark ink.
INKS = ("#ffffff", "#16181d")
# WCAG 2.2, 1.4.3: text up to 18 pt on its ground.
AA_CONTRAST = 4.5

MAX_LOGO_BYTES = 64 * 1024
MIN_LOGO_SIDE, MAX_LOGO_SIDE = 32, 1024
# imagesize names no type, and reads others too, SVG among them. A WebP is lossy, lossless or extended.
_BEGINS = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n....IHDR", re.DOTALL),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/webp": re.compile(rb"RIFF....WEBP(?:VP8 .{7}\x9d\x01\x2a|VP8L....\x2f|VP8X)", re.DOTALL),
}


def luminance(color: str) -> float:
    """WCAG's relative luminance of "#rrggbb", from 0 to 1."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(color: str) -> str:
    """The ink that reads best on ``color``."""
    return max(INKS, key=lambda ink: contrast(ink, color))


def check_color(color: str) -> None:
    """Six hex digits, and text on it can be read. Raises ValidationError."""
    if not COLOR.fullmatch(color):
        raise ValidationError(_("Write the colour as #rrggbb, e.g. #8a1538."))
    ratio = contrast(ink_on(color), color)
    if ratio < AA_CONTRAST:
        raise ValidationError(
            _(
                "Text on this colour is hard to read (%(ratio)s : 1; at least 4.5 : 1 is needed). "
                "Choose a darker or lighter colour."
            ),
            params={"ratio": f"{ratio:.1f}"},
        )


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What the bytes of a picture say of themselves."""

    content_type: str
    # pixels
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """A PNG, JPEG or WebP of a logo's size. Raises ValidationError; SVG may hold scripts and is none of these."""
    if len(content) > MAX_LOGO_BYTES:
        raise ValidationError(
            _("The logo is larger than %(limit)s KB."), params={"limit": MAX_LOGO_BYTES // 1024}
        )
    found = _read_size(content)
    if found is None:
        raise ValidationError(_("Upload a PNG, JPEG or WebP image."))
    if not all(MIN_LOGO_SIDE <= side <= MAX_LOGO_SIDE for side in (found.width, found.height)):
        raise ValidationError(
            _(
                "The logo measures %(width)s x %(height)s pixels; each side must be between %(low)s and %(high)s."
            ),
            params={
                "width": found.width,
                "height": found.height,
                "low": MIN_LOGO_SIDE,
                "high": MAX_LOGO_SIDE,
            },
        )
    return found


def _read_size(content: bytes) -> Picture | None:
    content_type = next((kind for kind, begin in _BEGINS.items() if begin.match(content)), None)
    if content_type is None:
        return None
    width, height = imagesize.get(BytesIO(content))
    # -1 for what it cannot read
    if min(width, height) < 0:
        return None
    return Picture(content_type=content_type, width=width, height=height)


class LogoQuerySet(PrimaryQuerySet["Logo"]):
    """Keeping and forgetting logos."""

    def keep(self, content: bytes) -> "Logo":
        """The row of these bytes, made when they are new. Raises ValidationError."""
        picture = read_picture(content)
        logo, _made = self.get_or_create(
            digest=hashlib.sha256(content).hexdigest()[:32],
            defaults={"content_type": picture.content_type, "content": content},
        )
        return logo

    def forget_unused(self) -> None:
        """Delete what no store shows."""
        self.filter(stores__isnull=True).delete()


class Logo(PrimaryModel):
    """A picture in the database: a few kilobytes, served from our own path, with nothing to install or to mount.

    The digest of its bytes names it, so that browsers may keep it for ever and orders carry its name with the store.
    """

    digest = ExactCharField(max_length=32, primary_key=True, editable=False)
    content_type = models.CharField(max_length=10, editable=False)
    content = models.BinaryField()
    created_at = MomentField(_("created"), default=clock.now, editable=False)

    objects = LogoQuerySet.as_manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return self.digest
