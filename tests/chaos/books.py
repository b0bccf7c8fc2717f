"""The storm's payments, and what their ledger says in the end. Import after ``django.setup()``."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from django.db.models import Count, Q, Sum

from scanforpay_django.books.beancount import write_beancount
from scanforpay_django.books.fees import compute_fee
from scanforpay_django.books.follow import catch_up
from scanforpay_django.models import Order, Payment, Posting, Store, WalletAccount
from scanforpay_django.models.cause import Cause, Source
from tests.bean_check import bean_check

#: of a yuan, so that the fee of each is rounded
FEE_RATE = Decimal("0.006")


def open_accounts(stores: Iterable[Store]) -> list[WalletAccount]:
    """One for each store."""
    return [WalletAccount.objects.create(store=store, wallet="Wechat", fee_rate=FEE_RATE) for store in stores]


def save_settled(order: Order, account: WalletAccount) -> None:
    """The order, its payment and its event as the settling transaction leaves them. Call in a transaction."""
    order.save(force_insert=True)
    number = order.partner_order_no
    payment = Payment.objects.create(
        order=order, account=account, wallet=order.wallet, product="jsapi", out_trade_no=f"o{number}", attempt=1,
        amount=order.amount, currency=order.currency, state=Payment.State.PAID, is_applied=True, trade_no=f"t{number}",
        paid_amount=order.amount, paid_currency=order.currency, paid_at=order.paid_at, expires_at=order.expires_at,
    )  # fmt: skip
    order.record_event(Cause(source=Source.PLATFORM_NOTIFY), {"out_trade_no": payment.out_trade_no})


def find_faults(directory: Path) -> list[str]:
    """What is wrong with the ledger, by the payments and by Beancount's own program. The storm's workers have posted
    until they were killed; what they had left is posted now.
    """
    by_workers = Posting.objects.count()
    catch_up()
    faults = [] if by_workers else ["no worker has posted anything"]
    paid = Payment.objects.aggregate(count=Count("pk"), total=Sum("paid_amount"))
    is_collected = Q(kind=Posting.Kind.COLLECTED)
    posted = Posting.objects.filter(is_collected).aggregate(count=Count("pk"), total=Sum("amount"))
    if paid != posted:
        faults.append(f"paid {paid}, in the ledger {posted}")
    by_store = Posting.objects.filter(kind=Posting.Kind.FEE).order_by().values_list("store_id")
    fees = dict(by_store.annotate(Sum("amount")))
    for store_id, expected in _expected_fees().items():
        if fees.get(store_id, 0) != expected:
            faults.append(f"store {store_id}: fees {fees.get(store_id, 0)}, expected {expected}")
    said = bean_check(
        directory / "ledger.beancount", "\n".join(write_beancount(Posting.objects.all())) + "\n"
    )
    return [*faults, *said.splitlines()]


def _expected_fees() -> dict[int, int]:
    """Of each store: every payment's fee is rounded by itself."""
    found: dict[int, int] = {}
    for store_id, amount in Payment.objects.values_list("account__store_id", "paid_amount"):
        found[store_id] = found.get(store_id, 0) + compute_fee(amount, FEE_RATE)
    return found
