"""Under which key each segment is, and which columns its links have."""

from dataclasses import dataclass

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.keys import ChainKey, known_keys
from scanforpay_django.operations.chain.open_chain import decode


@dataclass(frozen=True, kw_only=True)
class Segment:
    """What its first link says."""

    fingerprint: str
    # None: it is not configured
    key: ChainKey | None
    # table -> columns, in the sequence of the digests
    columns: dict[str, list[str]]
    # a root, as it is mailed
    cites: str


def read_segment(link: ChainLink) -> Segment:
    """From the segment's first link."""
    content = decode(link.content)
    fingerprint, columns = str(content.get("key", "")), content.get("columns")
    return Segment(
        fingerprint=fingerprint,
        key=known_keys().get(fingerprint),
        columns=columns if isinstance(columns, dict) else {},
        cites=str(content.get("cites", "")),
    )


def read_segments() -> dict[int, Segment]:
    """All of them by number: a few. One that is not what was written is left out."""
    found: dict[int, Segment] = {}
    for link in ChainLink.objects.filter(act=ChainLink.Act.SEGMENT, kind="", number__gt=0).order_by("row_pk"):
        segment = read_segment(link)
        if link.segment not in found and (segment.key is None or is_true(link, {link.segment: segment})):
            found[link.segment] = segment
    return found


def is_true(link: ChainLink, segments: dict[int, Segment]) -> bool:
    """Whether a link is what was written after the one before it."""
    segment = segments.get(link.segment)
    if segment is None or segment.key is None:
        return False
    before = ChainLink.objects.filter(number=link.number - 1).values_list("mac", flat=True).first()
    return segment.key.link_mac(before or "", link) == link.mac
