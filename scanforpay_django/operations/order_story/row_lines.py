"""Lines for what is no event of the order: its creation, attempts, platforms' notifications, deliveries, handlers."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from scanforpay_django.models import HandlerCall, Notification, NotificationAttempt, Order, PageVisit, Payment
from scanforpay_django.operations.order_story.masking import mask_message
from scanforpay_django.operations.order_story.rows import StoryRows
from scanforpay_django.operations.order_story.values import Line, Tone, Topic
from scanforpay_django.operations.order_story.words import say_amount, say_moment, say_wallet
from scanforpay_django.wallets.registry import find_wallet_class, wallet_classes

_ATTEMPT_TONES = {
    NotificationAttempt.State.ACKNOWLEDGED: Tone.GOOD,
    NotificationAttempt.State.FAILED: Tone.TROUBLE,
}


def make_row_lines(rows: StoryRows) -> Iterator[Line]:
    """As many as the rows have moments to tell of."""
    yield _describe_creation(rows.order)
    for payment in rows.payments:
        yield from _describe_payment(rows.order, payment)
    yield from (_describe_visit(visit) for visit in rows.visits)
    yield from _describe_calls(rows)
    yield from _describe_deliveries(rows)
    for call in rows.handler_calls:
        yield _describe_handler(call)
    for refund in rows.refunds:
        if refund.sent_at is not None:
            names = {
                "amount": say_amount(refund.amount, refund.currency),
                "wallet": say_wallet(refund.payment),
            }
            title = gettext("Refund of %(amount)s sent to %(wallet)s") % names
            yield Line(
                at=refund.sent_at, title=title, notes=(refund.out_refund_no,), tone=Tone.MONEY_BACK,
                icon="plug", topic=Topic.MONEY, rank=45,
            )  # fmt: skip
    if rows.order.returned_at is not None:
        yield Line(at=rows.order.returned_at, title=gettext("Customer sent back to the shop"), icon="phone")


def _describe_creation(order: Order) -> Line:
    is_projects = order.entry == Order.Entry.PROJECT
    title = gettext("Created by this project") if is_projects else gettext("Created by the shop")
    notes = [
        str(order.get_entry_display()),
        gettext("operator %(operator)s") % {"operator": order.operator_id} if order.operator_id else "",
        gettext("terminal %(terminal)s") % {"terminal": order.terminal_no} if order.terminal_no else "",
        gettext("expires on %(time)s") % {"time": say_moment(order.expires_at, order.store.zone)},
    ]
    return Line(at=order.created_at, title=title, notes=tuple(filter(None, notes)), icon="plus", rank=0)


def _describe_payment(order: Order, payment: Payment) -> Iterator[Line]:
    names = {"wallet": say_wallet(payment)}
    backend = find_wallet_class(payment.account.wallet)
    product = backend.products.get(payment.product) if backend else None
    label = str(product.label) if product else payment.product
    notes = (label, payment.out_trade_no, str(payment.get_state_display()))
    yield Line(
        at=payment.created_at, title=gettext("Payment begun in %(wallet)s") % names, notes=notes, icon="plug",
        topic=Topic.MONEY, rank=10,
    )  # fmt: skip
    if payment.is_unfinished() and payment.queried_at is not None:
        asked = ngettext("asked %(count)s time", "asked %(count)s times", payment.query_count)
        next_at = payment.next_query_at
        again = gettext("asked again on %(time)s")
        queries = (
            asked % {"count": payment.query_count} if payment.query_count else "",
            again % {"time": say_moment(next_at, order.store.zone)} if next_at else "",
        )
        title = gettext("Asked at %(wallet)s: not known to be paid") % names
        yield Line(
            at=payment.queried_at, title=title, notes=tuple(filter(None, queries)), tone=Tone.WAITING, icon="ask",
            topic=Topic.MONEY,
        )  # fmt: skip


def _describe_visit(visit: PageVisit) -> Line:
    places = {"mobile": gettext("a browser on a phone"), "desktop": gettext("a browser on a computer")}
    title = gettext("Pay page opened in %(place)s") % {
        "place": places.get(visit.channel) or _say_app(visit.channel)
    }
    browsers = ngettext("%(count)s browser", "%(count)s browsers", visit.times)
    notes = (browsers % {"count": visit.times},) if visit.times > 1 else ()
    return Line(at=visit.opened_at, title=title, notes=notes, icon="phone", rank=5)


def _say_app(channel: str) -> str:
    """The label of the app, where its wallet is installed; its name otherwise."""
    for wallet in wallet_classes().values():
        for app in wallet.apps:
            if channel == app.name:
                return str(wallet.app_label)
    return channel


def _describe_calls(rows: StoryRows) -> Iterator[Line]:
    by_key = {one.pk: one for one in rows.payments}
    outcomes = {
        "applied": gettext("verified and applied"),
        "already_applied": gettext("verified; it was known already"),
        "late": gettext("verified: paid after its end"),
        "duplicate": gettext("verified: paid twice"),
        "mismatch": gettext("verified: another amount"),
        "": gettext("verified; not applied yet"),
    }
    for call in rows.calls:
        payment = by_key.get(call.payment_id or 0)
        names = {"wallet": say_wallet(payment) if payment else "", "kind": call.kind}
        title = (
            gettext("Notification of %(wallet)s: %(kind)s")
            if call.kind
            else gettext("Notification of %(wallet)s")
        )
        repeated = ngettext("received %(count)s time", "received %(count)s times", call.times_seen)
        notes = (
            outcomes.get(call.outcome, call.outcome),
            call.event_id,
            repeated % {"count": call.times_seen} if call.times_seen > 1 else "",
        )
        yield Line(
            at=call.received_at, title=title % names, notes=tuple(filter(None, notes)),
            raw=mask_message(call.body), icon="bell", topic=Topic.MONEY, rank=20,
        )  # fmt: skip


def _describe_deliveries(rows: StoryRows) -> Iterator[Line]:
    by_key = {one.pk: one for one in rows.notifications}
    for attempt in rows.attempts:
        yield _describe_attempt(attempt, by_key.get(attempt.notification_id))
    for notification in rows.notifications:
        for moment, title, tone in (
            (notification.alarmed_at, gettext("Notification given up: the shop does not know"), Tone.TROUBLE),
            (notification.learned_at, gettext("The shop asked and was answered that it is paid"), Tone.GOOD),
            (
                notification.mailed_at,
                gettext("Mail about the given-up notification sent to the partner"),
                Tone.QUIET,
            ),
        ):
            if moment is not None:
                yield Line(at=moment, title=title, tone=tone, icon="send", topic=Topic.SHOP, rank=70)


def _describe_attempt(attempt: NotificationAttempt, notification: Notification | None) -> Line:
    names = {"number": attempt.number, "outcome": attempt.get_state_display()}
    is_refund = notification is not None and notification.kind == Notification.Kind.REFUND
    title = (
        gettext("Shop notified of a refund, attempt %(number)s: %(outcome)s")
        if is_refund
        else gettext("Shop notified, attempt %(number)s: %(outcome)s")
    )
    status = f"HTTP {attempt.http_status}" if attempt.http_status else ""
    notes = (
        attempt.reason,
        status if str(attempt.http_status) not in attempt.reason else "",
        f"{attempt.duration_ms:,} ms" if attempt.duration_ms is not None else "",
    )
    head = (f"POST {notification.url}" if notification else "", attempt.address, status)
    raw = "\n".join(filter(None, (*head, mask_message(attempt.answer) if attempt.answer else "")))
    tone = _ATTEMPT_TONES.get(NotificationAttempt.State(attempt.state), Tone.WAITING)
    return Line(
        at=attempt.started_at, title=title % names, notes=tuple(filter(None, notes)), raw=raw, tone=tone,
        icon="send", topic=Topic.SHOP, rank=60,
    )  # fmt: skip


def _describe_handler(call: HandlerCall) -> Line:
    names = {"handler": call.handler, "event": call.event}
    attempts = ngettext("%(count)s attempt", "%(count)s attempts", call.attempt_count)
    notes: tuple[str, ...] = (attempts % {"count": call.attempt_count},) if call.attempt_count > 1 else ()
    if call.state == HandlerCall.State.DONE:
        title, tone = gettext("Handler %(handler)s was called (%(event)s)"), Tone.GOOD
    elif call.state == HandlerCall.State.EXHAUSTED:
        title, tone = gettext("Handler %(handler)s failed and was given up (%(event)s)"), Tone.TROUBLE
    else:
        title, tone = gettext("Handler %(handler)s is to be called (%(event)s)"), Tone.WAITING
    return Line(
        at=call.finished_at or call.created_at, title=title % names, notes=notes, raw=call.last_error, tone=tone,
        icon="gear", rank=65,
    )  # fmt: skip
