"""How a store looks to its customers: a colour and a small logo, both checked before they are kept."""

import hashlib
import re
import struct
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
# White, and the pages' own dark ink.
INKS = ("#ffffff", "#16181d")
# WCAG 2.2, 1.4.3: text up to 18 pt on its ground.
AA_CONTRAST = 4.5

MAX_LOGO_BYTES = 64 * 1024
MIN_LOGO_SIDE, MAX_LOGO_SIDE = 32, 1024


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
                "Text on this colour is hard to read (%(ratio)s : 1; 4.5 : 1 is needed): take a darker or lighter one."
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
    try:
        found = _read(content)
    except (struct.error, IndexError):
        found = None
    if found is None:
        raise ValidationError(_("The logo is no PNG, JPEG or WebP picture."))
    if not all(MIN_LOGO_SIDE <= side <= MAX_LOGO_SIDE for side in (found.width, found.height)):
        raise ValidationError(
            _("The logo measures %(width)s x %(height)s pixels; from %(low)s to %(high)s are taken."),
            params={
                "width": found.width,
                "height": found.height,
                "low": MIN_LOGO_SIDE,
                "high": MAX_LOGO_SIDE,
            },
        )
    return found


def _read(content: bytes) -> Picture | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        width, height = struct.unpack_from(">II", content, 16)
        return Picture(content_type="image/png", width=width, height=height)
    if content.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _read_webp(content)
    return None


def _read_jpeg(content: bytes) -> Picture | None:
    """The first frame header (SOF0 to SOF15; C4, C8 and CC are other segments)."""
    at = 2
    while content[at] == 0xFF:
        marker, length = struct.unpack_from(">xBH", content, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture(content_type="image/jpeg", width=width, height=height)
        at += 2 + length
    return None


def _read_webp(content: bytes) -> Picture | None:
    kind = content[12:16]
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
    elif kind == b"VP8L" and content[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", content, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
    else:
        return None
    return Picture(content_type="image/webp", width=width, height=height)


class LogoQuerySet(models.QuerySet["Logo"]):
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


class Logo(models.Model):
    """A picture in the database: a few kilobytes, served from our own path, with nothing to install or to mount.

    The digest of its bytes names it, so that browsers may keep it for ever and orders carry its name with the store.
    """

    digest = models.CharField(max_length=32, primary_key=True, editable=False)
    content_type = models.CharField(max_length=10, editable=False)
    content = models.BinaryField()
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = LogoQuerySet.as_manager()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return self.digest
