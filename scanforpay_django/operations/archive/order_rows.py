"""An order and every row that belongs to it, of many orders at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, router

from scanforpay_django.models import (
    AskedOrder,
    CounterSale,
    Flag,
    HandlerCall,
    Notification,
    NotificationAttempt,
    OAuthState,
    Order,
    OrderEvent,
    OrderMetadata,
    PageVisit,
    Payment,
    PlatformNotification,
    RebuiltOrder,
    Refund,
    RefundApproval,
)
from scanforpay_django.models.locks import lock_free_rows

Model = type[models.Model]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One table of the family."""

    rows: "models.QuerySet[Any]"
    # the foreign key by which its rows belong to rows of ``parent``
    link: str
    # None: the orders themselves
    parent: Model | None = Order

    @property
    def model(self) -> Model:
        """The model of its rows."""
        return self.rows.model

    @property
    def name(self) -> str:
        """What the table is called in a file."""
        return self.model._meta.object_name or ""


#: Parents before children: in this sequence rows are locked and inserted, in the opposite one they are deleted.
PARTS = (
    Part(rows=Order.objects.all(), link="pk", parent=None),
    Part(rows=Payment.objects.all(), link="order"),
    Part(rows=Refund.objects.all(), link="order"),
    Part(rows=Notification.objects.all(), link="order"),
    Part(rows=NotificationAttempt.objects.all(), link="notification", parent=Notification),
    Part(rows=PlatformNotification.objects.all(), link="payment", parent=Payment),
    Part(rows=OrderEvent.objects.all(), link="order"),
    Part(rows=Flag.objects.all(), link="order"),
    Part(rows=RefundApproval.objects.all(), link="order"),
    Part(rows=HandlerCall.objects.all(), link="order"),
    Part(rows=PageVisit.objects.all(), link="order"),
    Part(rows=OrderMetadata.objects.all(), link="order"),
    Part(rows=OAuthState.objects.all(), link="order"),
    Part(rows=AskedOrder.objects.all(), link="order"),
    Part(rows=RebuiltOrder.objects.all(), link="order"),
    Part(rows=CounterSale.objects.all(), link="order"),
)
ARCHIVED_MODELS: frozenset[Model] = frozenset(part.model for part in PARTS)

#: the rows of one order, by model
OrderRows = dict[Model, list[Any]]


def read_orders(pks: Collection[int], *, lock: bool = False) -> dict[int, OrderRows]:
    """The orders with these keys that are there, each with all its rows; one statement for each table.

    ``lock``: FOR UPDATE. A row that another transaction holds is then left out, and with it what belongs to it.
    """
    found: dict[int, OrderRows] = {}
    owners: dict[Model, dict[int, int]] = {}
    for part in PARTS:
        keys = pks if part.parent is None else list(owners[part.parent])
        rows = part.rows.filter(**{f"{part.link}__in": keys})
        owners[part.model] = {}
        for row in lock_free_rows(rows) if lock else rows.order_by("pk"):
            owner = row.pk if part.parent is None else owners[part.parent][getattr(row, f"{part.link}_id")]
            owners[part.model][row.pk] = owner
            found.setdefault(owner, defaultdict(list))[part.model].append(row)
    return found


def stored_fields(model: Model) -> list["models.Field[Any, Any]"]:
    """The columns that hold what was written: the database computes the others from them."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def stored_values(rows: OrderRows) -> dict[Model, list[tuple[Any, ...]]]:
    """What two readings of an order are compared by."""
    return {
        model: [tuple(getattr(row, field.attname) for field in stored_fields(model)) for row in kind]
        for model, kind in rows.items()
    }


def keys_by_model(read: Collection[OrderRows]) -> dict[Model, list[int]]:
    """The keys of the rows of many orders."""
    return {part.model: [row.pk for rows in read for row in rows.get(part.model, ())] for part in PARTS}


def delete_rows(pks: Collection[int], read: Collection[OrderRows]) -> None:
    """Delete orders whose rows are locked, one statement for each table. Raises RuntimeError, so that the transaction
    is rolled back, when there are other rows than those that were ``read``.
    """
    parents: dict[Model | None, list[int]] = {None: list(pks)}
    for model, keys in keys_by_model(read).items():
        parents[model] = keys
    for part in reversed(PARTS):
        rows = part.rows.filter(**{f"{part.link}__in": parents[part.parent]})
        # delete() would load every row once more to look for references, which were looked for under the locks; the
        # database's own foreign keys are checked all the same.
        deleted = rows._raw_delete(router.db_for_write(part.model)) or 0  # noqa: SLF001
        if deleted != len(parents[part.model]):
            raise RuntimeError(
                f"{part.name}: {deleted} rows to delete, {len(parents[part.model])} were archived"
            )


def find_references(read: Collection[OrderRows]) -> dict[int, str]:
    """Of the orders to which rows outside of the family refer, such as the project's own: the key -> the referring
    model's label.
    """
    found: dict[int, str] = {}
    for part in PARTS:
        owners = {row.pk: rows[Order][0].pk for rows in read for row in rows.get(part.model, ())}
        for field in _foreign_keys_to(part.model):
            label = field.model._meta.label
            referred = field.model._default_manager.filter(**{f"{field.name}__in": list(owners)})  # noqa: SLF001
            for pk in referred.values_list(f"{field.name}__pk", flat=True):
                found[owners[pk]] = label
    return found


def _foreign_keys_to(model: Model) -> Iterator["models.Field[Any, Any]"]:
    """Foreign keys of models that are not archived, also of those that the project defines."""
    for relation in model._meta.get_fields(include_hidden=True):
        is_reverse = relation.auto_created and not relation.concrete
        if is_reverse and (relation.one_to_many or relation.one_to_one):
            field: Any = relation.field  # type: ignore[union-attr]
            if field.model not in ARCHIVED_MODELS and field.model._meta.managed:
                yield field
