"""What kinds of bills a wallet has, and what came of asking for one."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from scanforpay_django.wallets.bills.reading import BillShape


@dataclass(frozen=True, kw_only=True)
class BillType:
    """One kind of bill."""

    name: str
    # for people, translatable
    label: Any
    shape: BillShape
    # how long the platform keeps it; None: not known
    kept_days: int | None = None
    # of the next day, by the platform's calendar: from then on the bill is to be taken
    ready_at: time = time(10)
    # whether there is an API to fetch it by; False: staff upload the file
    is_fetched: bool = False


@dataclass(frozen=True, kw_only=True)
class FetchedBill:
    """A bill that was written into a file, packed as it came, after its hash was compared."""

    # as the platform wrote it, with the algorithm before it; "" where it gives none
    platform_hash: str = ""
    # whether the hash says that the file is whole
    is_proven: bool = False


@dataclass(frozen=True, kw_only=True)
class BillParties:
    """Whose lines a bill may have. Empty: not compared."""

    merchants: frozenset[str] = frozenset()
    # of a provider's merchant, for a bill that is of this merchant alone
    sub_merchants: frozenset[str] = frozenset()
    # what the lines of this account name as their party; "": not compared
    own_party: str = ""

    @property
    def number(self) -> str:
        """Whose bill it is, as people know it; "" where the account does not say."""
        return "/".join([*sorted(self.merchants), *sorted(self.sub_merchants)])
