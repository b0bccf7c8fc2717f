"""The family of an order is complete."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from scanforpay_django.models import Order, Payment
from scanforpay_django.operations.archive.order_rows import (
    ARCHIVED_MODELS,
    PARTS,
    delete_rows,
    read_orders,
    stored_fields,
)
from tests.operations.archive.closed_orders import archive, make_orders, path
from tests.rows import Rows

__all__ = ["path"]
pytestmark = pytest.mark.django_db(transaction=True)


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def test_every_model_that_refers_to_an_order_is_archived_with_it() -> None:
    """A new one: add it to PARTS, after the models that it refers to."""
    family: set[type[models.Model]] = {Order}
    installed = set(apps.get_app_config("scanforpay").get_models())
    while more := {
        model
        for model in installed - family
        if any(key.related_model in family for key in foreign_keys(model))
    }:
        family |= more
    assert family == ARCHIVED_MODELS


def test_parts_come_after_what_they_refer_to() -> None:
    seen: set[type[models.Model]] = set()
    for part in PARTS:
        seen.add(part.model)
        referred = {key.related_model for key in foreign_keys(part.model)} & ARCHIVED_MODELS
        assert referred <= seen
        assert part.parent is None or part.parent in seen


def test_no_column_would_be_written_anew_by_an_import() -> None:
    fields = [field for part in PARTS for field in stored_fields(part.model)]
    assert not [
        field
        for field in fields
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]
    assert not [part.name for part in PARTS if part.model._meta.many_to_many]


def test_a_nullable_json_column_would_not_tell_null_from_json_null() -> None:
    fields = [field for part in PARTS for field in stored_fields(part.model)]
    assert not [field for field in fields if isinstance(field, models.JSONField) and field.null]


def test_what_was_not_read_is_not_deleted(rows: Rows) -> None:
    (order,) = make_orders(rows, 1)
    read = read_orders([order.pk])
    Payment.objects.create(
        order=order, account=Payment.objects.get().account, wallet="Wechat", product="page", amount=1, currency="CNY",
        expires_at=order.expires_at,
    )  # fmt: skip
    with pytest.raises(RuntimeError, match="Payment: 2 rows to delete, 1 were archived"):
        delete_rows([order.pk], list(read.values()))


@pytest.fixture
def keepsake(transactional_db: None) -> Iterator[type[models.Model]]:
    """A model of the project's own that refers to orders."""

    class Keepsake(models.Model):
        order = models.ForeignKey(Order, models.CASCADE, related_name="+")

        class Meta:
            app_label = "shop"

    with connection.schema_editor() as editor:
        editor.create_model(Keepsake)
    yield Keepsake
    with connection.schema_editor() as editor:
        editor.delete_model(Keepsake)
    del apps.all_models["shop"]["keepsake"]
    apps.clear_cache()


def test_an_order_to_which_the_project_refers_stays(
    rows: Rows, path: Path, keepsake: type[models.Model]
) -> None:
    kept, _free = make_orders(rows, 2)
    keepsake.objects.create(order=kept)
    assert dict(archive(path).left) == {"referred to by shop.Keepsake": 1}
    assert keepsake.objects.get().order == kept
    assert Order.objects.get() == kept
