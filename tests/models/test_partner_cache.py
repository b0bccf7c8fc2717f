"""create and payQuery when they have been called before: one statement each, and no change goes unseen."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scanforpay_django.models import Order, Partner, SignKey, Store, WalletAccount, partner_cache
from tests.merchant import Merchant, envelope, header, order_body

pytestmark = pytest.mark.django_db(transaction=True)


def statements(work: Callable[[], object]) -> list[str]:
    """What the database was told."""
    with CaptureQueriesContext(
        connection,
    ) as told:
        work()
    return [query["sql"] for query in told.captured_queries]


def by_another_process(statement: str, *values: Any) -> None:
    """A change that nothing in this process hears of."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount


@pytest.fixture
def warm(merchant: Merchant) -> Iterator[Merchant]:
    """A merchant whose calls were answered before."""
    assert merchant.create()["code"] == 1
    yield merchant
    partner_cache.forget()


def test_a_create_is_one_insert(warm: Merchant) -> None:
    (told,) = statements(warm.create)
    assert told.startswith("INSERT INTO scanforpay_order")
    assert Order.objects.count() == 2


def test_a_pay_query_is_one_select(warm: Merchant) -> None:
    warm.create(partnerOrderNo="p1")
    (told,) = statements(lambda: warm.query(partnerOrderNo="p1"))
    assert told.startswith("SELECT")


def test_the_same_create_again_is_one_insert_and_one_select(warm: Merchant) -> None:
    warm.create(partnerOrderNo="p1")
    assert len(statements(lambda: warm.create(partnerOrderNo="p1"))) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: Store.objects.update(is_active=False), 3),
        (lambda: Partner.objects.update(is_active=False), 3),
        (lambda: WalletAccount.objects.update(is_active=False), 43),
        (lambda: WalletAccount.objects.filter(wallet="Wechat").delete(), 44),
    ],
)
def test_a_change_in_this_process_is_seen_at_once(
    warm: Merchant, change: Callable[[], object], code: int
) -> None:
    change()
    assert warm.create()["code"] == code


def test_an_ended_key_proves_nobody_at_once(warm: Merchant) -> None:
    key = SignKey.objects.get()
    key.valid_until = timezone.now()
    key.save()
    answer = warm.post("/api/jspay/create", envelope(header(), order_body()))
    assert answer.json()["response"]["body"]["code"] == 8


def test_a_key_ends_when_its_time_comes(warm: Merchant) -> None:
    SignKey.objects.update(valid_until=timezone.now() + timedelta(seconds=0.3))
    assert warm.create()["code"] == 1
    time.sleep(0.3)
    answer = warm.post("/api/jspay/create", envelope(header(), order_body()))
    assert answer.json()["response"]["body"]["code"] == 8


def test_a_change_in_another_process_is_seen_within_a_second(warm: Merchant) -> None:
    by_another_process("UPDATE scanforpay_store SET is_active = %s", False)
    time.sleep(1)
    assert warm.create()["code"] == 3


def test_a_new_key_of_another_process_is_seen_at_once(warm: Merchant) -> None:
    key = SignKey(partner=warm.partner)
    key.set_secret("made elsewhere")
    with transaction.atomic():
        key.save()
    warm.create()
    by_another_process(
        "UPDATE scanforpay_signkey SET secret_ciphertext = (SELECT secret_ciphertext FROM scanforpay_signkey "
        "WHERE id = %s)",
        key.pk,
    )
    answer = warm.post("/api/jspay/create", envelope(header(), order_body(), "made elsewhere"))
    assert answer.json()["response"]["body"]["code"] == 1


def test_what_is_rolled_back_is_not_remembered(warm: Merchant) -> None:
    with transaction.atomic():
        Store.objects.update(is_active=False)
        assert warm.create()["code"] == 3
        transaction.set_rollback(True)
    assert warm.create()["code"] == 1


def test_an_unknown_partner_and_a_wrong_signature_cost_the_same_look_ups(warm: Merchant) -> None:
    def refused(partner_no: str) -> None:
        raw = envelope(header(partnerNo=partner_no), order_body(), "wrong")
        assert warm.post("/api/jspay/create", raw).json()["response"]["body"]["code"] == 8

    def shape(told: list[str]) -> list[str]:
        return [statement.split("WHERE")[0] for statement in told]

    assert shape(statements(lambda: refused("10001"))) == shape(statements(lambda: refused("99999")))
