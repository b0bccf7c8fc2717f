"""Going round all partners that wait, where more is due than one claim may take.

A backlog is in the order of its age, so the oldest due messages may all be of one partner whose server hangs. The
rotation visits partners, and each one's endpoints, in turn, and a few of them a claim: what it costs does not grow
with the backlog, nor with the number of endpoints.
"""

from scanforpay_django.merchant_notify.share import Waiting
from scanforpay_django.merchant_notify.sql import fetch, statements

_PARTNERS = 64
_VISITS = 512
_FEWEST_VISITS = 8


class Rotation:
    """Where one worker is on its way round. Begins anew with each worker: nothing depends on it but fairness."""

    def __init__(self) -> None:
        self._last_partner = 0
        # partner -> its endpoint that was visited last, for those that have more than a visit sees
        self._last_endpoints: dict[int, str] = {}
        self._rounds = 0
        self._rounds_to_go = 1

    def next_waiting(self) -> list[Waiting]:
        """The next endpoints with due messages, if there are any among the partners that are visited now."""
        partners = self._next_partners()
        if not partners:
            return []
        visits = max(_FEWEST_VISITS, _VISITS // len(partners))
        return self._visit(partners, visits)

    def found(self, is_anything_taken: bool) -> None:
        """Note what the claim came to."""
        if is_anything_taken:
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
            return found
        self._rounds += 1
        if self._last_partner:
            before = self._partners_after(0, _PARTNERS - len(found))
            found += [partner_pk for partner_pk in before if partner_pk <= self._last_partner]
        # All of them at once, or the next round from its beginning; another partner is the first each time.
        self._last_partner = 0
        first = self._rounds % max(1, len(found))
        return found[first:] + found[:first]

    def _partners_after(self, partner_pk: int, limit: int) -> list[int]:
        return [pk for (pk,) in fetch(statements().NEXT_PARTNERS, after=partner_pk, limit=limit)]

    def _visit(self, partners: list[int], visits: int) -> list[Waiting]:
        sql = statements()
        starts = [{"partner": pk, "last_endpoint": self._last_endpoints.get(pk, "")} for pk in partners]
        rows = fetch(sql.NEXT_ENDPOINTS, visits=visits, **sql.table_parameters(starts))
        seen = dict.fromkeys(partners, 0)
        for partner_pk, endpoint, _is_due in rows:
            seen[partner_pk] += 1
            self._last_endpoints[partner_pk] = endpoint
        for partner_pk, number in seen.items():
            if number < visits:  # the end of its list, or all of it: from the beginning next time
                self._last_endpoints.pop(partner_pk, None)
        return [Waiting(partner_pk, endpoint) for partner_pk, endpoint, is_due in rows if is_due]
