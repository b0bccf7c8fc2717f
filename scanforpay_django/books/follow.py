"""Find the orders whose money has moved, and post them.

Each change of an order, its payments and its refunds has an event, whose key is its number. Numbers are given out
before the COMMIT, so one may appear below those that were read already: what is younger than ``MARGIN`` is read again
each time, and its order posted once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scanforpay_django import clock
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import OrderEvent, PostingMark
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.posting import EVENTS

#: a transaction ends sooner after it has taken its number, the difference of the hosts' clocks included. What takes
#: longer is found by ``scanforpay_audit``
MARGIN = timedelta(minutes=15)
#: events of one statement, and so many statements of old ones in one run
PAGE, MAX_PAGES = 2000, 5
#: what any process has read so lately is good enough
FRESH_SECONDS = 10.0


@dataclass
class PostingFollower:
    """One process's way of following the events; the mark is everybody's. The first run begins with the first event,
    so that everything that was ever paid is in the ledger.
    """

    # what was posted above the mark: key and moment
    _seen: set[tuple[int, datetime]] = field(default_factory=set)

    def __call__(self) -> bool:
        """Post what is new; whether there is more to be done."""
        PostingMark.objects.begin(EVENTS)
        read = _Read(PostingMark.objects.position(), clock.now() - MARGIN)
        post_orders({order for key, at, order in read.rows if (key, at) not in self._seen})
        PostingMark.objects.move(read.done_up_to)
        self._seen = {(key, at) for key, at, _order in read.rows if key > read.done_up_to}
        if not read.has_more:
            PostingMark.objects.stamp()
        return read.has_more

    def forget(self) -> None:
        """Forget what was read: the next run posts from the mark on."""
        self._seen.clear()


class _Read:
    """The events above the mark."""

    def __init__(self, mark: int, young: datetime) -> None:
        self.rows: list[tuple[int, datetime, int]] = []
        #: the last key before the first event that is young: all up to there are committed
        self.done_up_to = mark
        self.has_more = True
        last, is_old, pages = mark, True, 0
        # What is young is read to its end: the next run would begin at the same key.
        while pages < MAX_PAGES or not is_old:
            pages += 1
            events = OrderEvent.objects.filter(pk__gt=last).order_by("pk")
            page = list(events.values_list("pk", "at", "order_id")[:PAGE])
            for key, at, _order in page:
                is_old = is_old and at < young
                self.done_up_to = key if is_old else self.done_up_to
            self.rows += page
            if len(page) < PAGE:
                self.has_more = False
                return
            last = page[-1][0]


post_new = PostingFollower()


def post_in_turn() -> bool:
    """The periodic job: of several workers one posts at a time, as a rule; two do no harm."""
    fresh = database_now() - timedelta(seconds=FRESH_SECONDS)
    if PostingMark.objects.filter(name=EVENTS, at__gt=fresh).exists():
        return False
    return post_new()


def catch_up() -> None:
    """Post all that there is, for a report of what is now."""
    while post_new():
        continue
