"""Another partner, with a row in every table that staff see; its keys are far from all others."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from scanforpay_django.models import (
    BillDay,
    BillFile,
    CounterCode,
    Difference,
    Endpoint,
    Flag,
    GoLiveCheck,
    HandlerCall,
    Logo,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    PageVisit,
    Partner,
    Payment,
    PlatformNotification,
    Refund,
    RefundApproval,
    SignKey,
    Store,
    WalletAccount,
)

PK = 7_770_001
#: a key that no row has
NO_PK = 7_779_999
SECRET = "the-stranger-signs-with-this-Zq9X"
AMOUNT = 765_432_100

Rows = dict[type[models.Model], models.Model]


def make_stranger() -> Rows:
    """One row of each kind, all of one order that was paid, refunded in part and given up on."""
    rows: Rows = {}

    def make(model: type[models.Model], **columns: Any) -> Any:
        rows[model] = model._default_manager.create(pk=PK, **columns)
        return rows[model]

    now = timezone.now()
    partner = make(
        Partner, partner_no="99887", name="Stranger Trading", contact_email="stranger@jade.example"
    )
    rows[SignKey] = key = SignKey(pk=PK, partner=partner, name="stranger's key")
    key.set_secret(SECRET)
    key.save()
    logo = Logo.objects.create(digest="strangerslogo", content_type="image/png", content=b"x")
    store = make(
        Store,
        partner=partner,
        store_no="998870000000001",
        name="翡翠铺子生意",
        name_en="Jade Palace",
        logo=logo,
    )
    account = make(
        WalletAccount, store=store, wallet="Wechat", name="stranger's account", config={"mchid": "1988888888"}
    )
    bill = make(
        BillFile, account=account, bill_type="trade", day=now.date(), last_day=now.date(), source="upload",
        uploaded_by="stranger-uploader", sha256="5712a6e7" * 8, state="read", head="stranger's head",
    )  # fmt: skip
    day = make(
        BillDay, merchant="Wechat:production:1988888888", number="1988888888", account=account, bill_type="trade",
        day=(now - timedelta(days=1)).date(), state="compared", bill=bill, error="stranger's bill is late",
        totals={"CNY": {"payments": 1, "paid": AMOUNT, "refunds": 0, "refunded": 0}},
    )  # fmt: skip
    make(
        Difference, day=day, account=account, kind="amount", number="STRANGERTRADE1", order_no="STRANGERORDER1",
        field="stranger-field", ours="stranger-ours", theirs="stranger-theirs", amount=AMOUNT, currency="CNY",
        facts="stranger-facts", details={"line": 2, "part": 0, "trade_no": "4200stranger01"},
    )  # fmt: skip
    make(
        GoLiveCheck, account=account, step="products", seen="stranger saw this", confirmed_by="stranger-clerk",
        confirmed_at=now, confirmed_subject="stranger-subject",
    )  # fmt: skip
    make(CounterCode, store=store, number="jade-till-1", name="stranger's till", title="jade at the till")
    order = make(
        Order, partner=partner, store=store, order_no="STRANGERORDER1", partner_order_no="stranger-order-1",
        wallet="Wechat", amount=AMOUNT, currency="CNY", title="stranger's bracelet", operator_id="op-stranger",
        notify_url="https://jade.example/notified", fingerprint="stranger-print", state="paid", paid_at=now,
        expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    make(
        OrderEvent,
        order=order,
        to_state="paid",
        source="staff",
        actor="stranger-clerk",
        data={"why": "jadereason"},
    )
    payment = make(
        Payment, order=order, account=account, wallet="Wechat", product="jsapi", out_trade_no="STRANGERTRADE1",
        state="paid", amount=AMOUNT, currency="CNY", payer_id="stranger-payer", expires_at=now,
        trade_no="4200stranger01", paid_at=now, paid_amount=AMOUNT, paid_currency="CNY", buyer="stranger-buyer",
        is_applied=True,
    )  # fmt: skip
    make(
        Refund, partner=partner, order=order, payment=payment, refund_no="stranger-refund-1", reason="strange reason",
        out_refund_no="STRANGERREFUND1", amount=100, currency="CNY", state="succeeded", refund_id="5000stranger01",
        next_at=None, actor="stranger-clerk",
    )  # fmt: skip
    make(PageVisit, order=order, channel="stranger-app")
    make(
        RefundApproval, order=order, amount=AMOUNT - 100, currency="CNY", reason="strange request",
        requested_by="stranger-clerk", requested_by_key="0",
    )  # fmt: skip
    told = make(
        Notification, order=order, partner=partner, url="https://jade.example/notified", content="stranger-content",
        endpoint="99887 https://jade.example:443", state="exhausted", message_id="msg_stranger01", alarmed_at=now,
        last_reason="HTTP status 418 stranger", attempt_count=9,
    )  # fmt: skip
    make(
        NotificationAttempt,
        notification=told,
        number=1,
        state="failed",
        answer="stranger-answer",
        reason="strange",
    )
    make(Endpoint, partner=partner, origin="https://jade.example:443", key=told.endpoint, failures_in_row=9)
    make(Flag, order=order, kind="late_payment", details={"out_trade_no": "STRANGERTRADE1"})
    make(
        HandlerCall, order=order, event="paid", handler="jade.ship_it", state="exhausted",
        last_error="ValueError: stranger-traceback", attempt_count=19,
    )  # fmt: skip
    make(
        PlatformNotification, account=account, event_id="EV-STRANGER-1", kind="STRANGER.KIND", body="stranger-body",
        payment=payment, outcome="strange-outcome",
    )  # fmt: skip
    return rows


def find_marks(rows: Rows) -> set[str]:
    """All text of these rows by which they are known, and their amount as it is shown; no word that others have."""
    found = {
        "765432100",
        "7654321.00",
        "7,654,321.00",
        SECRET,
        SECRET[-4:],
        "strangerslogo",
        "1988888888",
        "jadereason",
    }
    for row in rows.values():
        for field in row._meta.concrete_fields:
            value = field.value_from_object(row)
            if isinstance(value, str) and len(value) >= 6 and not field.choices:
                found.add(value)
    return found - {"Wechat", "jsapi", "strange"}


#: what staff look for: numbers, names and codes
NUMBERS = (
    "STRANGERORDER1", "stranger-order-1", "STRANGERTRADE1", "4200stranger01", "STRANGERREFUND1", "stranger-refund-1",
    "5000stranger01", "msg_stranger01", "EV-STRANGER-1", "99887", "Stranger Trading", "998870000000001", "Jade Palace",
    "stranger's account", "99887 https://jade.example:443", "strang", "stranger-",
)  # fmt: skip


def snapshot(rows: Rows) -> dict[str, tuple[list[dict[str, Any]], int]]:
    """All that the tables hold of this partner, and how many rows there are of all; of its order's timeline how many
    lines: what staff do to their own orders stands in theirs.
    """
    found = {}
    for model in rows:
        objects: Any = model._default_manager
        counted = objects.filter(order=PK) if model is OrderEvent else objects
        found[model.__name__] = (list(objects.filter(pk=PK).values()), counted.count())
    return found
