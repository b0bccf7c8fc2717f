"""What a merchant asked for, and what became of it."""

import re
import secrets
from datetime import datetime
from typing import Any, Self

import segno
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.fields import ExactCharField, MomentField
from scanforpay_django.indexes import PartialIndex
from scanforpay_django.models.cause import MAX_ACTOR_LENGTH, Cause, Source
from scanforpay_django.models.merchant import Partner, number_validator
from scanforpay_django.models.row_statements import RowInsert
from scanforpay_django.models.store import Store
from scanforpay_django.page_address import page_address
from scanforpay_django.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet

TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """22 characters, 128 random bits: the address of a pay page."""
    return secrets.token_urlsafe(16)


def new_order_no() -> str:
    """24 digits: the moment to the second and ten random ones."""
    return f"{clock.now():%Y%m%d%H%M%S}{secrets.randbelow(10**10):010d}"


class OrderQuerySet(PrimaryQuerySet["Order"]):
    """Finding orders; ``hot_queries`` has what create, payQuery and pay pages take."""

    def overdue(self, moment: datetime) -> Self:
        """Orders that are still pending although their time was up by ``moment``."""
        return self.filter(state=Order.State.PENDING, expires_at__lte=moment)


class Order(PrimaryModel):
    """One order. Its state changes only along TRANSITIONS, by conditional UPDATE or under its row lock."""

    class State(models.TextChoices):
        PENDING = "pending", _("awaiting payment")
        PAID = "paid", _("paid")
        REFUNDED = "refunded", _("refunded")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("expired")

    class Entry(models.TextChoices):
        JSPAY = "jspay", _("JS API")
        ONLINE = "online", _("website payment")
        QRCODE = "qrcode", _("QR code")
        CODE = "code", _("code of the merchant's own screen")
        BARCODE = "barcode", _("barcode")
        PROJECT = "project", _("this project")
        COUNTER = "counter", _("counter code")
        LINK = "link", _("payment link")

    TRANSITIONS: dict[str, frozenset[str]] = {
        State.PENDING: frozenset({State.PAID, State.CLOSED, State.EXPIRED}),
        State.PAID: frozenset({State.REFUNDED}),
        State.CLOSED: frozenset({State.PAID}),
        State.EXPIRED: frozenset({State.PAID}),
        State.REFUNDED: frozenset(),
    }
    WIRE_STATUS: dict[str, int] = {
        State.PENDING: 0,
        State.PAID: 1,
        State.CLOSED: 2,
        State.EXPIRED: 2,
        State.REFUNDED: 3,
    }

    # Every index costs each new order: nothing asks for all orders of a partner, the store leads a composite one, and
    # numbers that are unique by constraint have no second index for LIKE.
    partner = PrimaryForeignKey(
        Partner, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("partner")
    )
    store = PrimaryForeignKey(
        Store, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("store")
    )
    order_no = ExactCharField(_("order number"), max_length=32, default=new_order_no, editable=False)
    partner_order_no = ExactCharField(
        _("merchant's order number"), max_length=32, validators=[number_validator]
    )
    entry = models.CharField(_("created by"), max_length=10, choices=Entry, default=Entry.JSPAY)
    wallet = ExactCharField(_("wallet"), max_length=20)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    refunded_amount = models.BigIntegerField(_("refunded amount"), default=0)
    title = models.CharField(_("title"), max_length=100, blank=True)
    goods_amount = models.BigIntegerField(
        _("goods"), null=True, blank=True, help_text=_("Reported, not charged.")
    )
    goods_extra_amount = models.BigIntegerField(
        _("extras"), null=True, blank=True, help_text=_("Reported, not charged.")
    )
    operator_id = models.CharField(_("operator"), max_length=20, blank=True)
    terminal_no = models.CharField(_("terminal"), max_length=20, blank=True)
    notify_url = models.CharField(_("notify address"), max_length=200, blank=True)
    return_url = models.CharField(_("return address"), max_length=200, blank=True)
    fingerprint = ExactCharField(max_length=64, editable=False)
    token = ExactCharField(max_length=22, default=new_token, editable=False)
    scan_token = ExactCharField(max_length=22, default=new_token, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    created_at = MomentField(_("created"), default=clock.now, editable=False)
    expires_at = MomentField(_("expires"))
    paid_at = MomentField(_("paid at"), null=True, blank=True)
    returned_at = MomentField(_("customer returned at"), null=True, blank=True)
    return_browser = ExactCharField(max_length=22, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("close_order", _("Can close orders")),
            ("accept_late", _("Can accept late payments")),
            ("export_order", _("Can export orders")),
        ]
        ordering = ["-pk"]
        constraints = [
            # The number leads, so that staff who have only that find the order; on PostgreSQL the operator class
            # finds how a number begins, too, whatever the database's collation is.
            models.UniqueConstraint(
                fields=["partner_order_no", "partner"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="scanforpay_order_once",
            ),
            models.UniqueConstraint(fields=["order_no"], name="scanforpay_order_number"),
            models.UniqueConstraint(fields=["token"], name="scanforpay_order_token"),
            models.UniqueConstraint(fields=["scan_token"], name="scanforpay_order_scan"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="scanforpay_order_amount"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=F("amount")),
                name="scanforpay_order_refunded",
            ),
        ]
        indexes = [
            # what may have expired
            PartialIndex(
                fields=["expires_at"],
                mysql_fields=["state", "expires_at"],
                condition=Q(state="pending"),
                name="scanforpay_order_expiry",
            ),
            # staff's list of one store, newest first
            models.Index(fields=["store", "-created_at"], name="scanforpay_order_store"),
            # what a store was paid on a day, for its figures: it may have been created on another
            PartialIndex(
                fields=["store", "paid_at"],
                mysql_fields=["store", "paid_at"],
                condition=Q(paid_at__isnull=False),
                name="scanforpay_order_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_no} ({self.partner_order_no})"

    @property
    def pay_url(self) -> str:
        """Where the customer is sent to pay."""
        return page_address(self.token)

    @property
    def qr_svg(self) -> str:
        """A QR code that leads to the pay page, as an SVG element."""
        drawn: str = segno.make(page_address(self.scan_token), error="m").svg_inline(scale=4, border=4)
        return drawn

    @property
    def metadata(self) -> dict[str, Any]:
        """What the project kept with the order when it made it; empty for orders that merchants made."""
        stored = getattr(self, "stored_metadata", None)
        return dict(stored.data) if stored is not None else {}

    def status(self) -> int:
        """The integer the wire shows."""
        return self.WIRE_STATUS[self.state]

    def may_become(self, state: str) -> bool:
        """Whether TRANSITIONS knows the way from here to ``state``."""
        return state in self.TRANSITIONS[self.state]

    def is_past_expiry(self) -> bool:
        """Whether its time ran out (the state follows when the platform has been asked)."""
        return clock.now() >= self.expires_at

    def move(
        self,
        to: str,
        cause: Cause,
        *,
        data: dict[str, Any] | None = None,
        **columns: Any,
    ) -> bool:
        """Go from the present state to ``to`` by conditional UPDATE, with its event row. False: another was first.

        Call inside a transaction. Raises ValueError for a transition the table does not know.
        """
        before = self.state
        if not self.may_become(to):
            raise ValueError(f"no transition from {before} to {to}")
        moved = Order.objects.filter(pk=self.pk, state=before).update(state=to, **columns)
        if not moved:
            return False
        self.state = to
        for name, value in columns.items():
            setattr(self, name, value)
        OrderEvent.record(self, before, to, cause, data or {})
        return True

    def record_event(self, cause: Cause, data: dict[str, Any]) -> None:
        """A line in the timeline for what does not change the state. Call in the transaction of what happened."""
        OrderEvent.record(self, self.state, self.state, cause, data)


class OrderEvent(PrimaryModel):
    """A line of an order's timeline, written in the transaction of the change that it records."""

    order = PrimaryForeignKey(Order, models.PROTECT, related_name="events", verbose_name=_("order"))
    at = MomentField(_("when"), default=clock.now, editable=False)
    from_state = models.CharField(_("from"), max_length=10, blank=True)
    to_state = models.CharField(_("to"), max_length=10, blank=True)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    actor = models.CharField(_("actor"), max_length=MAX_ACTOR_LENGTH, blank=True)
    request_id = ExactCharField(
        _("request"),
        max_length=128,
        blank=True,
        help_text=_("respMsgId of the merchant's call, or the platform's event."),
    )
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order events")
        ordering = ["pk"]

    def __str__(self) -> str:
        names = dict(Order.State.choices)
        before, after = (str(names.get(state, state)) for state in (self.from_state, self.to_state))
        return f"{before} → {after}" if before != after else before

    @classmethod
    def record(cls, order: Order, before: str, after: str, cause: Cause, data: dict[str, Any]) -> None:
        """Write one line of the timeline."""
        _EVENTS.write(
            order_id=order.pk,
            from_state=before,
            to_state=after,
            source=cause.source,
            actor=cause.actor,
            request_id=cause.request_id,
            data=data,
        )


_EVENTS = RowInsert(OrderEvent)
