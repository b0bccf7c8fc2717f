"""A line for each event of an order."""

from collections.abc import Iterator

from django.utils.translation import gettext

from scanforpay_django.models import Flag, Order, OrderEvent, Refund, Source
from scanforpay_django.models.flag import ENDED_BY_ITSELF
from scanforpay_django.operations.order_story.details import get_amount, list_details, say_cause
from scanforpay_django.operations.order_story.rows import StoryRows
from scanforpay_django.operations.order_story.values import Line, Tone, Topic

_STATE_LOOKS: dict[str, tuple[Tone, str]] = {
    Order.State.PAID: (Tone.GOOD, "paid"),
    Order.State.REFUNDED: (Tone.MONEY_BACK, "back"),
    Order.State.EXPIRED: (Tone.QUIET, "exp"),
}
_REFUND_LOOKS: dict[str, tuple[Tone, str]] = {
    Refund.State.SUCCEEDED: (Tone.MONEY_BACK, "back"),
    Refund.State.FAILED: (Tone.TROUBLE, "stop"),
}


def make_event_lines(rows: StoryRows) -> Iterator[Line]:
    """As many lines as there are events."""
    for event in rows.events:
        yield _make_line(rows, event)


def _make_line(rows: StoryRows, event: OrderEvent) -> Line:
    if "act" in event.data:
        return _describe_act(rows, event)
    if "flag" in event.data:
        return _describe_flag(rows, event)
    if "refund" in event.data or "made_at" in event.data:
        return _describe_refund(rows, event)
    if event.from_state != event.to_state:
        return _describe_move(rows, event)
    found = event.data.get("found") == "after a restore"
    title = gettext("Payment found at the platform after a restore") if found else gettext("Noted")
    return _line(rows, event, title, said={"found"} if found else set(), icon="info")


def _line(
    rows: StoryRows,
    event: OrderEvent,
    title: str,
    *,
    said: set[str],
    icon: str,
    tone: Tone = Tone.QUIET,
    topic: Topic = Topic.ORDER,
    notes: tuple[str, ...] = (),
) -> Line:
    cause = say_cause(event.source, event.actor)
    details = list_details(event, rows.order.currency, said=frozenset(said))
    return Line(
        at=event.at,
        title=title,
        notes=tuple(filter(None, (cause, *notes, *details))),
        tone=tone,
        icon=icon,
        topic=Topic.STAFF if event.source == Source.STAFF else topic,
        rank=40,
    )


def _describe_move(rows: StoryRows, event: OrderEvent) -> Line:
    names = dict(Order.State.choices)
    shown = {
        "before": names.get(event.from_state, event.from_state),
        "after": names.get(event.to_state, event.to_state),
        "amount": get_amount(event, rows.order.currency),
    }
    tone, icon = _STATE_LOOKS.get(event.to_state, (Tone.QUIET, "off"))
    title = (
        gettext("%(before)s → %(after)s, %(amount)s") % shown
        if shown["amount"]
        else gettext("%(before)s → %(after)s") % shown
    )
    is_money = event.to_state == Order.State.PAID
    topic = Topic.MONEY if is_money else Topic.ORDER
    return _line(rows, event, title, said={"amount"}, icon=icon, tone=tone, topic=topic)


def _describe_flag(rows: StoryRows, event: OrderEvent) -> Line:
    kind = str(event.data["flag"])
    names = {"flag": dict(Flag.Kind.choices).get(kind, kind)}
    if event.data.get("reason") == ENDED_BY_ITSELF:
        title, said = gettext("Flag cleared by its cause: %(flag)s") % names, {"flag", "reason"}
        return _line(rows, event, title, said=said, icon="check", topic=Topic.MONEY)
    title = gettext("Flag raised: %(flag)s") % names
    # The names of a request are there for its page.
    said = {"flag", "approval", "requested_by", "requested_by_key", "until"}
    return _line(rows, event, title, said=said, icon="flag", tone=Tone.TROUBLE, topic=Topic.MONEY)


def _describe_refund(rows: StoryRows, event: OrderEvent) -> Line:
    state = event.data.get("state", "")
    names = {"amount": get_amount(event, rows.order.currency)}
    tone, icon = _REFUND_LOOKS.get(state, (Tone.MONEY_BACK, "back"))
    if "made_at" in event.data:
        title = gettext("Refund of %(amount)s made in the platform's console") % names
    elif state == Refund.State.SUCCEEDED:
        title = gettext("%(amount)s refunded") % names
    elif state == Refund.State.FAILED:
        title = gettext("Refund of %(amount)s failed") % names
    else:
        title, icon = gettext("Refund of %(amount)s requested") % names, "user"
    said = {"amount", "state", "made_at"}
    refund = _find_refund(rows, event)
    is_ordinary = event.data.get("kind") == Refund.Kind.ORDER
    if is_ordinary:
        said |= {"kind"}
    # Events of earlier versions do not say why.
    lacks_reason = icon == "user" and "reason" not in event.data
    has_one = lacks_reason and refund is not None and refund.reason
    notes = (gettext("reason: %(reason)s") % {"reason": refund.reason},) if refund and has_one else ()
    return _line(rows, event, title, said=said, icon=icon, tone=tone, topic=Topic.MONEY, notes=notes)


def _find_refund(rows: StoryRows, event: OrderEvent) -> Refund | None:
    """The merchant's number leads, since ours changes when a refund that failed goes out anew."""
    number = event.data.get("refund_no")
    for refund in rows.refunds:
        if (number and refund.refund_no == number) or refund.out_refund_no == event.data.get("refund"):
            return refund
    return None


def _describe_act(rows: StoryRows, event: OrderEvent) -> Line:
    """What staff did that changed no state by itself."""
    act = str(event.data["act"])
    kind = str(event.data.get("flag", ""))
    names = {
        "amount": get_amount(event, rows.order.currency),
        "flag": dict(Flag.Kind.choices).get(kind, kind),
        "way": dict(Refund.Way.choices).get(str(event.data.get("way", "")), ""),
    }
    titles = {
        "ask": gettext("The platform was asked"),
        "close": gettext("The order was to be closed"),
        "resend": gettext("The notification was put back into the queue"),
        "clear_flag": gettext("Flag cleared: %(flag)s") % names,
        "accept_late": gettext("Late payment of %(amount)s accepted") % names,
        "redirect": gettext("Refund of %(amount)s sent another way: %(way)s") % names,
        "approve": gettext("Refund of %(amount)s approved") % names,
        "decline": gettext("Refund of %(amount)s declined") % names,
        "drop": gettext("Refund of %(amount)s dropped: nobody decided in time") % names,
    }
    icons = {"ask": "ask", "resend": "send", "clear_flag": "check", "close": "off"}
    said = {"amount", "flag", "flag_id", "way", "state"} | ({"reason"} if act == "drop" else set())
    return _line(rows, event, titles.get(act, act), said=said, icon=icons.get(act, "user"), topic=Topic.STAFF)
