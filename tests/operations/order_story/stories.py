"""Sixty orders, and the sentence that staff read above each."""

from datetime import timedelta

from tests.operations.order_story.seed import NOW, Story

OPEN_STILL = {"expires_at": NOW + timedelta(minutes=10)}
PAID_ORDER = {"state": "paid", "paid_at": NOW - timedelta(minutes=29), "notify_url": "https://shop.example/n"}
QUIET_PAID = {**PAID_ORDER, "notify_url": ""}
APPLIED = {"state": "paid", "is_applied": True}
STRAY = {"state": "paid", "is_unapplied": True}
NOTIFIED = {"state": "delivered", "attempt_count": 1}
PAID_SAYS = "The customer paid CNY 21.00 in Alipay on 28 Nov 2026, 17:01:00."
NOT_TOLD = "The shop asked for no notification."
NOTHING = "Nothing to do."
EXPIRED_SAYS = "The customer paid CNY 21.00 in Alipay, but after the order had expired."
CLOSED_SAYS = "The customer paid CNY 21.00 in Alipay, but after the order had been closed."
DECIDE = (
    "The money is with the account Alipay 100010000000002: refund it, or accept the payment if the goods can still be "
    "delivered."
)
REFUND_IT = "The money is with the account Alipay 100010000000002: refund it."
ALL_BACK = {"amount": 2100, "source": "rule", "kind": "late"}

PENDING = (
    Story(
        name="nobody has opened it",
        order=OPEN_STILL,
        says=f"The customer has not begun to pay; the order can be paid until 28 Nov 2026, 17:40:00. {NOTHING}",
    ),
    Story(
        name="any wallet may pay it",
        order={**OPEN_STILL, "wallet": "Any"},
        says=f"The customer has not begun to pay; the order can be paid until 28 Nov 2026, 17:40:00. {NOTHING}",
    ),
    Story(
        name="an attempt is open",
        order=OPEN_STILL,
        payments=({},),
        says="The customer began to pay in Alipay on 28 Nov 2026, 17:00:20; the order can be paid until 28 Nov 2026, "
        f"17:40:00. {NOTHING}",
    ),
    Story(
        name="the customer changed to WeChat",
        order={**OPEN_STILL, "wallet": "Any"},
        payments=({"state": "closed"}, {"wallet": "Wechat"}),
        says="The customer began to pay in WeChat Pay on 28 Nov 2026, 17:00:20; the order can be paid until 28 Nov "
        f"2026, 17:40:00. {NOTHING}",
    ),
    Story(
        name="an attempt is being closed",
        order=OPEN_STILL,
        payments=({"state": "closing"},),
        says=f"The payment in Alipay is being closed; that goes on by itself. {NOTHING}",
    ),
    Story(
        name="the platform refused the attempt",
        order=OPEN_STILL,
        payments=({"state": "failed"},),
        says="The customer's last attempt in Alipay came to nothing; the order can be paid until 28 Nov 2026, "
        f"17:40:00. {NOTHING}",
    ),
    Story(
        name="the customer's code was charged",
        order={**OPEN_STILL, "entry": "barcode"},
        payments=({},),
        says="The customer's code was charged in Alipay on 28 Nov 2026, 17:00:20, and Alipay has not said yet whether "
        f"it was paid; it is asked again by itself. {NOTHING}",
    ),
    Story(
        name="its time is over",
        says=f"The order's time ended on 28 Nov 2026, 17:15:00; it expires by itself within minutes. {NOTHING}",
    ),
    Story(
        name="its time is over and the platform is silent",
        payments=({},),
        says="The order's time ended on 28 Nov 2026, 17:15:00, and Alipay has not said yet whether it was paid; it is "
        f"asked again by itself. {NOTHING}",
    ),
    Story(
        name="the platform is silent for too long",
        payments=({},),
        flags=("payment_overdue",),
        says="The order's time ended on 28 Nov 2026, 17:15:00, and Alipay still has not said whether it was paid: look "
        "for the payment in its console, then ask the platform here.",
    ),
    Story(
        name="paid, without an amount",
        order=OPEN_STILL,
        payments=({},),
        flags=("payment_incomplete",),
        says="Alipay reported the order as paid without a readable amount: look for the payment in its console, then "
        "ask the platform here.",
    ),
    Story(
        name="another amount arrived, and it can be paid still",
        order=OPEN_STILL,
        payments=({**STRAY, "paid_amount": 999},),
        flags=("amount_mismatch",),
        says="The order itself can still be paid until 28 Nov 2026, 17:40:00. The customer paid CNY 9.99 in Alipay "
        f"instead of CNY 21.00. {REFUND_IT}",
    ),
)

ENDED = (
    Story(
        name="expired",
        order={"state": "expired"},
        says=f"Nobody paid before the order expired on 28 Nov 2026, 17:15:00. {NOTHING}",
    ),
    Story(
        name="expired after an attempt",
        order={"state": "expired"},
        payments=({"state": "closed"},),
        says=f"Nobody paid before the order expired on 28 Nov 2026, 17:15:00. {NOTHING}",
    ),
    Story(
        name="closed by the shop",
        order={"state": "closed"},
        events=({"from_state": "pending", "to_state": "closed"},),
        says=f"The shop closed the order before anything was paid. {NOTHING}",
    ),
    Story(
        name="closed by staff",
        order={"state": "closed"},
        events=({"from_state": "pending", "to_state": "closed", "source": "staff", "actor": "chen.yu"},),
        says=f"chen.yu (staff) closed the order before anything was paid. {NOTHING}",
    ),
    Story(
        name="closed by the project",
        order={"state": "closed"},
        events=({"from_state": "pending", "to_state": "closed", "source": "project"},),
        says=f"The order was closed before anything was paid. {NOTHING}",
    ),
    Story(
        name="closed before there were events",
        order={"state": "closed"},
        says=f"The order was closed before anything was paid. {NOTHING}",
    ),
)

LATE = (
    Story(
        name="late, goes back today",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=(ALL_BACK,),
        flags=("late_payment",),
        says=f"{EXPIRED_SAYS} The money goes back by itself on 28 Nov; nothing to do.",
    ),
    Story(
        name="late, goes back tomorrow",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "queued", "next_at": NOW + timedelta(days=1)},),
        flags=("late_payment",),
        says=f"{EXPIRED_SAYS} The money goes back by itself on 29 Nov; nothing to do.",
    ),
    Story(
        name="late after a close, goes back",
        order={"state": "closed"},
        payments=(STRAY,),
        refunds=(ALL_BACK,),
        says=f"{CLOSED_SAYS} The money goes back by itself on 28 Nov; nothing to do.",
    ),
    Story(
        name="late, the refund is under way",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "processing", "sent_at": NOW},),
        says=f"{EXPIRED_SAYS} The refund of CNY 21.00 is under way at Alipay. {NOTHING}",
    ),
    Story(
        name="late, it is not known whether it went back",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "unknown", "sent_at": NOW},),
        says=f"{EXPIRED_SAYS} Whether the refund of CNY 21.00 was made is not known yet: Alipay is asked again by "
        f"itself. {NOTHING}",
    ),
    Story(
        name="late, went back",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "succeeded"},),
        says=f"{EXPIRED_SAYS} CNY 21.00 went back to the customer on 28 Nov 2026. {NOTHING}",
    ),
    Story(
        name="late, refund failed for want of balance",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "failed", "platform_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"},),
        says=f"{EXPIRED_SAYS} The refund of CNY 21.00 failed on 28 Nov 2026. The merchant's balance at the platform is "
        f"too low: top it up and send the same refund again. {REFUND_IT}",
    ),
    Story(
        name="late, refund failed for a reason without words",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "failed", "platform_code": "ODD"},),
        says=f"{EXPIRED_SAYS} The refund of CNY 21.00 failed on 28 Nov 2026. The platform refused the refund, and no "
        f"money moved (ODD). {REFUND_IT}",
    ),
    Story(
        name="late, the payer cannot be reached",
        order={"state": "closed"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "payer_unreachable", "sent_at": NOW},),
        flags=("refund_stuck",),
        says=f"{CLOSED_SAYS} The refund of CNY 21.00 could not reach the payer: choose another way to the customer in "
        "the console of Alipay.",
    ),
    Story(
        name="late, the refund does not end",
        order={"state": "closed"},
        payments=(STRAY,),
        refunds=({**ALL_BACK, "state": "processing", "sent_at": NOW},),
        flags=("refund_overdue",),
        says=f"{CLOSED_SAYS} The refund of CNY 21.00 has not ended in time: look for it in the console of Alipay, and "
        "do not refund it again under another number.",
    ),
    Story(
        name="late, left to staff",
        order={"state": "closed"},
        payments=(STRAY,),
        flags=("late_payment",),
        says=f"{CLOSED_SAYS} {DECIDE}",
    ),
    Story(
        name="late after expiry, left to staff",
        order={"state": "expired"},
        payments=(STRAY,),
        flags=("late_payment",),
        says=f"{EXPIRED_SAYS} {DECIDE}",
    ),
    Story(
        name="late in WeChat, left to staff",
        order={"state": "expired"},
        payments=({**STRAY, "wallet": "Wechat"},),
        says="The customer paid CNY 21.00 in WeChat Pay, but after the order had expired. The money is with the "
        "account WeChat Pay 100010000000002: refund it, or accept the payment if the goods can still be delivered.",
    ),
    Story(
        name="late, refunded in part in the console",
        order={"state": "expired"},
        payments=(STRAY,),
        refunds=({"kind": "late", "state": "succeeded", "source": "platform"},),
        says=f"{EXPIRED_SAYS} CNY 7.00 went back to the customer on 28 Nov 2026. {REFUND_IT}",
    ),
    Story(
        name="another amount after expiry",
        order={"state": "expired"},
        payments=({**STRAY, "paid_amount": 999},),
        flags=("amount_mismatch",),
        says=f"The customer paid CNY 9.99 in Alipay instead of CNY 21.00. {REFUND_IT}",
    ),
    Story(
        name="another currency",
        order={"state": "expired"},
        payments=({**STRAY, "paid_currency": "JPY"},),
        flags=("amount_mismatch",),
        says=f"The customer paid JPY 2,100 in Alipay instead of CNY 21.00. {REFUND_IT}",
    ),
    Story(
        name="another amount, refunded by staff",
        order={"state": "expired"},
        payments=({**STRAY, "paid_amount": 999},),
        refunds=({"amount": 999, "kind": "mismatch", "source": "staff", "state": "succeeded"},),
        says="The customer paid CNY 9.99 in Alipay instead of CNY 21.00. CNY 9.99 went back to the customer on 28 Nov "
        f"2026. {NOTHING}",
    ),
    Story(
        name="late twice",
        order={"state": "expired"},
        payments=(STRAY, {**STRAY, "wallet": "Wechat", "product": "h5"}),
        refunds=({**ALL_BACK, "state": "succeeded"}, {**ALL_BACK, "of": 1}),
        says=f"{EXPIRED_SAYS} CNY 21.00 went back to the customer on 28 Nov 2026. The customer paid CNY 21.00 in "
        "WeChat Pay, but after the order had expired. The money goes back by itself on 28 Nov; nothing to do.",
    ),
)

SHOP = (
    Story(
        name="paid and notified",
        order=PAID_ORDER,
        payments=(APPLIED,),
        notified=NOTIFIED,
        says=f"{PAID_SAYS} The shop was notified. {NOTHING}",
    ),
    Story(
        name="paid, the shop wants no notification",
        order=QUIET_PAID,
        payments=(APPLIED,),
        says=f"{PAID_SAYS} {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="paid, an order of the project",
        order={**QUIET_PAID, "entry": "project"},
        payments=(APPLIED,),
        says=f"{PAID_SAYS} {NOTHING}",
    ),
    Story(
        name="paid, being notified",
        order=PAID_ORDER,
        payments=(APPLIED,),
        notified={"state": "pending"},
        says=f"{PAID_SAYS} The shop is being notified. {NOTHING}",
    ),
    Story(
        name="paid, could not be notified yet",
        order=PAID_ORDER,
        payments=(APPLIED,),
        notified={"state": "pending", "attempt_count": 2, "last_reason": "HTTP status 502"},
        says=f"{PAID_SAYS} The shop could not be notified yet (HTTP status 502); the next attempt is on 28 Nov 2026, "
        f"17:30:00. {NOTHING}",
    ),
    Story(
        name="paid, given up",
        order=PAID_ORDER,
        payments=(APPLIED,),
        notified={"state": "exhausted", "attempt_count": 9, "last_reason": "timed out"},
        says=f"{PAID_SAYS} The shop does not know of it: no attempt to notify it was acknowledged (timed out). Resend "
        "the notification when the shop's server works.",
    ),
    Story(
        name="paid, learned by query",
        order=PAID_ORDER,
        payments=(APPLIED,),
        notified={"state": "learned", "attempt_count": 9},
        says=f"{PAID_SAYS} The shop acknowledged no notification, but asked and was answered that it is paid. "
        f"{NOTHING}",
    ),
    Story(
        name="paid in yen with WeChat",
        order={**QUIET_PAID, "currency": "JPY", "wallet": "Wechat"},
        payments=({**APPLIED, "wallet": "Wechat", "currency": "JPY", "paid_currency": "JPY"},),
        says=f"The customer paid JPY 2,100 in WeChat Pay on 28 Nov 2026, 17:01:00. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="paid late and accepted",
        order=QUIET_PAID,
        payments=(APPLIED,),
        events=({"from_state": "expired", "to_state": "paid"},),
        says="The customer paid CNY 21.00 in Alipay on 28 Nov 2026, 17:01:00, after the order had ended, and the "
        f"payment was accepted. {NOT_TOLD} {NOTHING}",
    ),
)

REFUNDED = (
    Story(
        name="refunded in part",
        order={**QUIET_PAID, "refunded_amount": 700},
        payments=(APPLIED,),
        refunds=({"state": "succeeded"},),
        says=f"{PAID_SAYS} CNY 7.00 of it went back to the customer; CNY 14.00 is left. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="refunded in full",
        order={"state": "refunded", "paid_at": NOW - timedelta(minutes=29), "refunded_amount": 2100},
        payments=(APPLIED,),
        refunds=({"state": "succeeded", "amount": 2100},),
        says=f"{PAID_SAYS} All of it went back to the customer. {NOTHING}",
    ),
    Story(
        name="a refund is under way",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "processing", "sent_at": NOW},),
        says=f"{PAID_SAYS} The refund of CNY 7.00 is under way at Alipay. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="a refund waits for its turn",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "queued", "next_at": NOW + timedelta(days=1)},),
        says=f"{PAID_SAYS} The refund of CNY 7.00 waits until Alipay takes the next one, on 29 Nov. {NOT_TOLD} "
        f"{NOTHING}",
    ),
    Story(
        name="it is not known whether a refund was made",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "unknown", "sent_at": NOW},),
        says=f"{PAID_SAYS} Whether the refund of CNY 7.00 was made is not known yet: Alipay is asked again by itself. "
        f"{NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="a refund is stuck",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "payer_unreachable", "sent_at": NOW},),
        flags=("refund_stuck",),
        says=f"{PAID_SAYS} The refund of CNY 7.00 could not reach the payer: choose another way to the customer in the "
        f"console of Alipay. {NOT_TOLD}",
    ),
    Story(
        name="a refund does not end",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "processing", "sent_at": NOW},),
        flags=("refund_overdue",),
        says=f"{PAID_SAYS} The refund of CNY 7.00 has not ended in time: look for it in the console of Alipay, and do "
        f"not refund it again under another number. {NOT_TOLD}",
    ),
    Story(
        name="a refund failed",
        order=QUIET_PAID,
        payments=(APPLIED,),
        refunds=({"state": "failed", "platform_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH"},),
        says=f"{PAID_SAYS} The refund of CNY 7.00 failed on 28 Nov 2026. The merchant's balance at the platform is too "
        f"low: top it up and send the same refund again. {NOT_TOLD}",
    ),
    Story(
        name="a refund failed, and the next one was made",
        order={**QUIET_PAID, "refunded_amount": 700},
        payments=(APPLIED,),
        refunds=({"state": "failed", "platform_code": "ODD"}, {"state": "succeeded"}),
        says=f"{PAID_SAYS} CNY 7.00 of it went back to the customer; CNY 14.00 is left. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="one part went back, another is under way",
        order={**QUIET_PAID, "refunded_amount": 700},
        payments=(APPLIED,),
        refunds=({"state": "succeeded"}, {"state": "processing", "amount": 500, "sent_at": NOW}),
        says=f"{PAID_SAYS} CNY 7.00 of it went back to the customer; CNY 14.00 is left. The refund of CNY 5.00 is "
        f"under way at Alipay. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="paid twice, the second goes back",
        order=QUIET_PAID,
        payments=(APPLIED, {**STRAY, "wallet": "Wechat"}),
        refunds=({**ALL_BACK, "kind": "duplicate", "of": 1},),
        flags=("duplicate_payment",),
        says=f"{PAID_SAYS} The customer paid twice: another CNY 21.00 in WeChat Pay. The money goes back by itself on "
        f"28 Nov. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="paid twice, the second went back",
        order=QUIET_PAID,
        payments=(APPLIED, {**STRAY, "wallet": "Wechat"}),
        refunds=({**ALL_BACK, "kind": "duplicate", "of": 1, "state": "succeeded"},),
        says=f"{PAID_SAYS} The customer paid twice: another CNY 21.00 in WeChat Pay. CNY 21.00 went back to the "
        f"customer on 28 Nov 2026. {NOT_TOLD} {NOTHING}",
    ),
    Story(
        name="paid twice, left to staff",
        order=QUIET_PAID,
        payments=(APPLIED, STRAY),
        flags=("duplicate_payment",),
        says=f"{PAID_SAYS} The customer paid twice: another CNY 21.00 in Alipay. {REFUND_IT} {NOT_TOLD}",
    ),
    Story(
        name="refunded, and paid a second time",
        order={"state": "refunded", "paid_at": NOW - timedelta(minutes=29), "refunded_amount": 2100},
        payments=(APPLIED, STRAY),
        refunds=({"state": "succeeded", "amount": 2100},),
        says=f"{PAID_SAYS} The customer paid twice: another CNY 21.00 in Alipay. {REFUND_IT} All of it went back to "
        "the customer.",
    ),
    Story(
        name="paid twice and the shop not notified",
        order=PAID_ORDER,
        payments=(APPLIED, {**STRAY, "wallet": "Wechat"}),
        refunds=({**ALL_BACK, "kind": "duplicate", "of": 1},),
        notified={"state": "exhausted", "attempt_count": 9, "last_reason": "timed out"},
        says=f"{PAID_SAYS} The customer paid twice: another CNY 21.00 in WeChat Pay. The money goes back by itself on "
        "28 Nov. The shop does not know of it: no attempt to notify it was acknowledged (timed out). Resend the "
        "notification when the shop's server works.",
    ),
)


def _flagged(kind: str, says: str) -> Story:
    return Story(
        name=f"flag {kind}",
        order=QUIET_PAID,
        payments=(APPLIED,),
        flags=(kind,),
        says=f"{PAID_SAYS} {NOT_TOLD} {says}",
    )


FLAGS = (
    _flagged(
        "over_refunded",
        "More went back to the customer than was to be refunded. Compare the refunds in the platform's console; ask "
        "the customer for what went too often.",
    ),
    _flagged(
        "refund_sum",
        "The platform reports another sum of refunds than is recorded here. Compare the refunds in the platform's "
        "console with the order's. What was made there has been recorded here; what is missing there, report to the "
        "platform.",
    ),
    _flagged(
        "odd_notification",
        "A notification of the platform had unexpected fields. The platform was asked and its answer was taken. If the "
        "fields are new in its documents, update this software; if not, somebody may have forged a message.",
    ),
    _flagged(
        "message_refused",
        "A message of the platform could not be used. The message is kept as it came among the platforms' "
        "notifications. Ask the platform for the payment from the order's page; report what cannot be right to the "
        "platform.",
    ),
    _flagged(
        "handler_failed",
        "A handler of this project has failed. A function of this project that is called for each order has failed too "
        "often: its error is at the order's handler calls. Mend it, then have it called again there.",
    ),
)

WAITS = (
    Story(
        name="a refund waits for a second person",
        order=QUIET_PAID,
        payments=(APPLIED,),
        flags=("refund_approval",),
        details={
            "amount": 900, "currency": "CNY", "requested_by": "chen.yu", "until": (NOW + timedelta(days=1)).isoformat(),
        },
        says=f"{PAID_SAYS} {NOT_TOLD} A refund of CNY 9.00, requested by chen.yu, is above the store's limit: a second "
        "person decides until 29 Nov 2026, 17:30:00.",
    ),
)  # fmt: skip

STORIES = (*WAITS, *PENDING, *ENDED, *LATE, *SHOP, *REFUNDED, *FLAGS)
