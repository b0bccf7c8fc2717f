"""The ledger's rows are written once."""

import pytest
from django.db import transaction

from scanforpay_django import clock
from scanforpay_django.exceptions import AppendOnly
from scanforpay_django.models import Posting, PostingMark
from scanforpay_django.models.posting import EVENTS
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


def make(merchant: Merchant, **columns: object) -> Posting:
    values = {
        "source": "orders:store:1",
        "destination": "platform:Wechat:1:CNY",
        "amount": 2100,
        "currency": "CNY",
        "effective_at": clock.now(),
        "cause_type": "payment",
        "cause_id": 1,
        "kind": "collected",
        "store": merchant.store,
        "account": merchant.store.wallet_accounts.get(wallet="Wechat"),
    }
    return Posting.objects.create(**values | columns)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: row.save(update_fields=["amount"]),
        lambda row: row.save(force_update=True),
        lambda row: row.delete(),
        lambda row: Posting.objects.all().delete(),
        lambda row: Posting.objects.update(amount=1),
        lambda row: Posting.objects.bulk_update([row], ["amount"]),
        lambda row: Posting.objects.update_or_create(pk=row.pk, defaults={"amount": 1}),
        lambda row: row.store.postings.update(amount=1),
        lambda row: Posting.objects.all()._raw_delete("default"),
    ],
)
def test_no_way_of_the_orm_changes_one(merchant: Merchant, change: object) -> None:
    row = make(merchant)
    row.amount = 1
    with pytest.raises(AppendOnly), transaction.atomic():
        change(row)
    assert Posting.objects.get().amount == 2100


def test_a_row_may_be_saved_for_the_first_time(merchant: Merchant) -> None:
    row = make(merchant)
    Posting(
        **{
            name: getattr(row, name)
            for name in ("source", "destination", "currency", "effective_at", "cause_type", "kind")
        },
        amount=1,
        cause_id=2,
        store=row.store,
        account=row.account,
    ).save()
    assert Posting.objects.count() == 2
    assert str(row) == "orders:store:1 → platform:Wechat:1:CNY 2100 CNY"


def test_the_mark_goes_forward_only() -> None:
    assert PostingMark.objects.position() == 0
    assert PostingMark.objects.last_caught_up() is None
    PostingMark.objects.begin(EVENTS)
    PostingMark.objects.move(7)
    PostingMark.objects.move(5)
    PostingMark.objects.begin(EVENTS)
    assert PostingMark.objects.position() == 7
    PostingMark.objects.stamp()
    assert PostingMark.objects.last_caught_up() is not None
    assert str(PostingMark.objects.get()) == "events 7"
