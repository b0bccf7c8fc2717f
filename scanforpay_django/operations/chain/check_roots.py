"""Whether the chain is what it was when its roots were made: a chain that was cut off at its end is told by them."""

from collections.abc import Iterator, Sequence

from scanforpay_django.models import ChainLink, ChainRoot
from scanforpay_django.operations.chain.finding import ChainFinding
from scanforpay_django.operations.chain.roots import is_signed
from scanforpay_django.operations.chain.segment_keys import Segment, is_true


def check_roots(
    segments: dict[int, Segment], roots: Sequence[tuple[int, str]] = ()
) -> Iterator[ChainFinding]:
    """The roots of the database, and those that were kept outside of it."""
    for root in ChainRoot.objects.order_by("day").iterator(chunk_size=500):
        if is_signed(root) is False:
            yield ChainFinding(code="root-differs", about=f"root of {root.day}: its signature is not right")
        elif differs := _compare(root.number, root.mac):
            yield ChainFinding(code="root-differs", about=f"root of {root.day}: {differs}")
    for number, mac in roots:
        differs = _compare(number, mac)
        if differs and not _is_cited(number, mac, segments):
            yield ChainFinding(code="root-differs", about=f"root {number}:{mac}: {differs}")


def _compare(number: int, mac: str) -> str:
    """What is different; "" when nothing is."""
    link = ChainLink.objects.filter(number=number).first()
    if link is not None:
        return "" if link.mac == mac else f"link {number} has another digest"
    last = ChainLink.objects.last_link()
    if last is None or last.number < number:
        return f"the chain ends at link {last.number if last else 0}, before link {number}"
    return f"link {number} is missing"


def _is_cited(number: int, mac: str, segments: dict[int, Segment]) -> bool:
    """Whether it was lost before a recovery, which cites it."""
    cited = f"{number}:{mac}"
    return any(
        segment.cites == cited and is_true(_first_link(segment_number), segments)
        for segment_number, segment in segments.items()
    )


def _first_link(segment: int) -> ChainLink:
    links = ChainLink.objects.filter(act=ChainLink.Act.SEGMENT, kind="", segment=segment)
    return links.order_by("row_pk")[0]
