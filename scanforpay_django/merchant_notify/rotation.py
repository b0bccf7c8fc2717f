"""Going round all partners that wait, where more is due than one claim may take.

A backlog is in the order of its age, so the oldest due messages may all be of one partner whose server hangs. The
rotation visits partners, and each one's endpoints, in turn, and a few of them a claim: what it costs does not grow
with the backlog, nor with the number of endpoints.
"""

from collections.abc import Iterable

from scanforpay_django.merchant_notify.share import Waiting
from scanforpay_django.merchant_notify.sql import fetch, fetch_by_table, statements

_PARTNERS = 64
_VISITS = 512
_FEWEST_VISITS = 8


class Rotation:
    """Where one worker is on its way round. Begins anew with each worker: nothing depends on it but fairness."""

    def __init__(self) -> None:
        self._last_partner = 0
        # partner -> the endpoint after which its next visit begins, for those that have more than a visit sees
        self._last_endpoints: dict[int, str] = {}
        # partner -> its endpoint of which a message was taken last: where claims are small, others are first next time
        self._last_taken: dict[int, str] = {}
        # partners of whose endpoints the present visit sees a part
        self._partly_seen: set[int] = set()
        self._rounds = 0
        self._rounds_to_go = 1

    def next_waiting(self) -> list[Waiting]:
        """The next endpoints with due messages, if there are any among the partners that are visited now."""
        partners = self._next_partners()
        if not partners:
            return []
        visits = max(_FEWEST_VISITS, _VISITS // len(partners))
        return self._visit(partners, visits)

    def found(self, taken: Iterable[Waiting]) -> None:
        """Note what the claim came to: an entry for each message."""
        last = {one.partner_pk: one.endpoint for one in taken}
        self._last_taken |= last
        self._last_endpoints |= {pk: endpoint for pk, endpoint in last.items() if pk in self._partly_seen}
        if last:
            # This round has passed some already: one whole round more.
            self._rounds_to_go = self._rounds + 2

    @property
    def is_unfinished(self) -> bool:
        """Whether there are partners that were not visited since something was taken."""
        return self._rounds < self._rounds_to_go

    def _next_partners(self) -> list[int]:
        found = self._partners_after(self._last_partner, _PARTNERS)
        if len(found) == _PARTNERS:
            self._last_partner = found[-1]
            return self._turned(found)
        self._rounds += 1
        if self._last_partner:
            before = self._partners_after(0, _PARTNERS - len(found))
            found += [partner_pk for partner_pk in before if partner_pk <= self._last_partner]
        # All of them at once, or the next round from its beginning.
        self._last_partner = 0
        return self._turned(found)

    def _turned(self, partners: list[int]) -> list[int]:
        """Another one is the first in each round: a small claim takes nothing of the last."""
        first = self._rounds % max(1, len(partners))
        return partners[first:] + partners[:first]

    def _partners_after(self, partner_pk: int, limit: int) -> list[int]:
        return [pk for (pk,) in fetch(statements().NEXT_PARTNERS, after=partner_pk, limit=limit)]

    def _visit(self, partners: list[int], visits: int) -> list[Waiting]:
        starts = [{"partner": pk, "last_endpoint": self._last_endpoints.get(pk, "")} for pk in partners]
        rows = fetch_by_table(statements().NEXT_ENDPOINTS, starts, visits=visits)
        seen: dict[int, list[Waiting]] = {pk: [] for pk in partners}
        due = set()
        for partner_pk, endpoint, is_due in rows:
            one = Waiting(partner_pk, endpoint)
            seen[partner_pk].append(one)
            if is_due:
                due.add(one)
        self._partly_seen.clear()
        ordered = [self._from_its_turn(pk, endpoints, visits) for pk, endpoints in seen.items()]
        return [one for endpoints in ordered for one in endpoints if one in due]

    def _from_its_turn(self, partner_pk: int, seen: list[Waiting], visits: int) -> list[Waiting]:
        """A partner's endpoints, after the one that had the last turn; notes where the next visit begins."""
        begins_after = self._last_endpoints.pop(partner_pk, "")
        if begins_after or len(seen) == visits:
            self._partly_seen.add(partner_pk)
            if len(seen) == visits:  # else the end of its list: from the beginning next time
                self._last_endpoints[partner_pk] = seen[-1].endpoint
            return seen
        last = Waiting(partner_pk, self._last_taken.get(partner_pk, ""))
        first = seen.index(last) + 1 if last in seen else 0
        return seen[first:] + seen[:first]
