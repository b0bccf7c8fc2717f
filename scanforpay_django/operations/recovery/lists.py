"""Ask for the platforms' own lists by time: payments since the copy that the database does not know.

They are known minutes after the restore so, a day before the bill has them. A list names our number, the amount and the
time. Where the platform also brings our reference back, the order is made again; where it does not, its merchant has to
send it again, and its payment is found then.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from scanforpay_django import clock
from scanforpay_django.books.compare.payments import batched
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.flows.rebuild_order import rebuild_order
from scanforpay_django.models import Payment, RebuiltOrder, RestoreMark, WalletAccount
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.models.derived_numbers import is_derived, read_reference
from scanforpay_django.operations.recovery.ask import Pace
from scanforpay_django.wallets.base import PaymentResult, TradeState
from scanforpay_django.wallets.registry import wallet_classes

logger = logging.getLogger(__name__)

#: a number is written down here a moment before its trade begins there, and clocks differ
MARGIN = timedelta(minutes=5)


@dataclass(kw_only=True)
class Listed:
    """What the lists told."""

    # merchants of platforms whose lists were read
    merchants: int = 0
    rebuilt: int = 0
    # paid there, and nothing says whose order it was
    unknown: list[PaymentResult] = field(default_factory=list)
    # account -> why its list could not be read
    faults: dict[str, str] = field(default_factory=dict)


def ask_for_lists(mark: RestoreMark, *, per_second: float) -> Listed:
    """Every list of the time that is lost. It may be repeated: what is here by then is not told again."""
    listed, pace = Listed(), Pace(per_second)
    for accounts in _find_merchants():
        for configured in accounts:
            try:
                _read_list(mark, configured, accounts, listed, pace)
            except (OperationalError, InterfaceError):
                # The database is away.
                raise
            except (ScanForPayError, ImproperlyConfigured) as error:
                listed.faults[str(configured.account)] = str(error) or type(error).__name__
                continue
            except Exception as error:
                # It keeps no other list from being read.
                logger.exception("the list of %s could not be read", configured.account)
                listed.faults[str(configured.account)] = type(error).__name__
                continue
            listed.merchants += 1
            break
    return listed


def _find_merchants() -> Iterable[list[ConfiguredWallet]]:
    """The accounts of each merchant at a platform that has a list: stores may share one."""
    backends = {name: found for name, found in wallet_classes().items() if found.lists_payments}
    rows = WalletAccount.objects.filter(wallet__in=backends).exclude(secrets_ciphertext="")
    found: dict[tuple[str, ...], list[ConfiguredWallet]] = {}
    for account in rows.select_related("store").order_by("-is_active", "pk"):
        backend = backends[account.wallet]
        party = sorted(backend.collecting_party(account.config).items())
        key = (account.wallet, *(value for _name, value in party))
        found.setdefault(key, []).append(ConfiguredWallet(account=account, backend=backend))
    return found.values()


def _read_list(
    mark: RestoreMark,
    configured: ConfiguredWallet,
    accounts: list[ConfiguredWallet],
    listed: Listed,
    pace: Pace,
) -> None:
    since = (mark.backup_from or mark.at) - MARGIN
    # Whether a platform takes an end in the future is said nowhere; this second's trades are in the list all the same.
    until = min(mark.at + MARGIN, clock.now() + timedelta(seconds=1))
    pace.wait(configured.account.pk)
    # Whole before anything of it is used: another account may have to read it.
    lost = list(_find_lost(configured.wallet.list_payments(since, until)))
    for one in lost:
        pace.wait(configured.account.pk)
        result = _query(configured, one)
        if result.state is not TradeState.PAID:
            continue
        if _rebuild(accounts, result):
            listed.rebuilt += 1
        else:
            listed.unknown.append(result)


def _query(configured: ConfiguredWallet, told: PaymentResult) -> PaymentResult:
    """What the platform says of one of them; what the list says, where it does not answer: it is named all the same."""
    try:
        return configured.wallet.query(told.out_trade_no)
    except ScanForPayError as error:
        logger.warning("%s could not be asked about: %s", told.out_trade_no, error)
        return told


def _find_lost(told: Iterable[PaymentResult]) -> Iterator[PaymentResult]:
    """Those that were paid under a number of ours that is not here."""
    paid = (one for one in told if one.state is TradeState.PAID and is_derived(one.out_trade_no))
    for part in batched(paid):
        numbers = {one.out_trade_no for one in part}
        known = set(Payment.objects.filter(out_trade_no__in=numbers).values_list("out_trade_no", flat=True))
        yield from (one for one in part if one.out_trade_no not in known)


def _rebuild(accounts: list[ConfiguredWallet], result: PaymentResult) -> bool:
    """Whether our reference came back, and the order is here."""
    reference = read_reference(result.reference) if result.reference else None
    if reference is None:
        return False
    of_store = [one for one in accounts if one.account.store.store_no == reference[1]]
    return any(
        rebuild_order(one, result, RebuiltOrder.Source.QUERY, PLATFORM_QUERY) is not None for one in of_store
    )
