"""Bills in tests: ``scanforpay_sandbox.bills`` makes the platform's side differ from the project's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Unpack

from . import bill_controls, console, coupons
from .bill_models import BillEdit, Coupon
from .models import Merchant, Refund, Trade


@dataclass(frozen=True)
class Bills:
    """What a test does to a platform's bills. Days are Beijing's, amounts minor units."""

    def coupon(
        self, amount: int, *, paid_by: str, account: Any = None, trade: Trade | None = None, count: int = 1
    ) -> Coupon:
        """Let the next ``count`` payments, anywhere or at one account's merchant or of one trade, be paid in part by a
        coupon of the ``platform`` (the merchant receives all) or of the ``merchant`` (it receives less). Raises
        CouponError.
        """
        merchant = find_merchant(account) if account is not None else None
        return coupons.add(amount, paid_by, merchant=merchant, trade=trade, count=count)

    def other_trades(
        self, account: Any, count: int = 1, *, amount: int = 1000, paid_at: datetime | None = None
    ) -> list[Trade]:
        """Paid trades of other systems on the account's merchant number. Raises ConsoleError."""
        number = account.config.get("sub_mchid")
        sub_merchant = Merchant.objects.get(number=number) if number else None
        return console.add_trades(
            find_merchant(account), count, amount=amount, paid_at=paid_at, sub_merchant=sub_merchant
        )

    def console_refund(self, trade: Trade, amount: int, *, at: datetime | None = None) -> Refund:
        """A refund made in the platform's console. Raises ConsoleError."""
        return console.refund(trade, amount, at=at)

    def edit(
        self, account: Any, day: date, act: str, **details: Unpack[bill_controls.EditDetails]
    ) -> BillEdit:
        """Change the account's bill of ``day``, from ``published_at`` (now unless given) on; trades and refunds stay as
        they are. ``act``: set, delete, double, total, cut, late. See ``bill_controls.edit_bill``. Raises BillEditError.
        """
        return bill_controls.edit_bill(find_merchant(account), day, act, **details)


def find_merchant(account: Any) -> Merchant:
    """The sandbox's merchant behind a wallet account: of a sub-merchant its provider."""
    config = account.config
    number = config.get("mchid") or config.get("seller_id") or config.get("partner") or ""
    return Merchant.objects.get(number=number)
