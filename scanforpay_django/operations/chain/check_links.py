"""Whether the links are those that were written: each digest holds the one before."""

from collections.abc import Iterator

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.finding import ChainFinding, describe_link
from scanforpay_django.operations.chain.keys import ChainKey
from scanforpay_django.operations.chain.segment_keys import read_segment, read_segments

PAGE = 2000


def check_links(first: int = 1) -> Iterator[ChainFinding]:
    """The links from a number on, a page at a time."""
    check = _LinkCheck(first)
    links = ChainLink.objects.order_by("number")
    links = links.filter(number__gte=first) if first > 1 else links
    page = list(links[:PAGE])
    while page:
        for link in page:
            yield from check.look_at(link)
        page = list(links.filter(number__gt=page[-1].number)[:PAGE])


class _LinkCheck:
    """What is known of the link before."""

    def __init__(self, first: int) -> None:
        earlier = ChainLink.objects.filter(number__lt=first, number__gt=0).order_by("-number")
        before = earlier.first() if first > 1 else None
        self._number = first - 1
        # The digest as it is stored, and as it has to be: where only that was changed, the next link is right.
        self._macs: set[str] = {before.mac if before else ""}
        segment = read_segments().get(before.segment) if before else None
        self._key: ChainKey | None = segment.key if segment else None

    def look_at(self, link: ChainLink) -> Iterator[ChainFinding]:
        """The next link that is there."""
        if link.number <= self._number:
            # The first number is 1.
            yield ChainFinding(code="link-changed", about=describe_link(link))
            return
        if link.number != self._number + 1:
            yield ChainFinding(code="link-missing", about=_name_links(self._number + 1, link.number - 1))
            self._macs = set()
        if link.act == ChainLink.Act.SEGMENT:
            segment = read_segment(link)
            self._key = segment.key
            if segment.key is None:
                about = f"segment {link.segment}, from link {link.number}, key {segment.fingerprint}"
                yield ChainFinding(code="key-missing", about=about)
        yield from self._compare(link)
        self._number = link.number

    def _compare(self, link: ChainLink) -> Iterator[ChainFinding]:
        wanted = {self._key.link_mac(mac, link) for mac in self._macs} if self._key else set()
        if wanted and link.mac not in wanted:
            yield ChainFinding(code="link-changed", about=describe_link(link))
            self._macs = {link.mac, *wanted}
        else:
            # Behind a gap, or without the key, it is taken for right.
            self._macs = {link.mac}


def _name_links(first: int, last: int) -> str:
    return f"link {first}" if first == last else f"links {first} to {last}"
