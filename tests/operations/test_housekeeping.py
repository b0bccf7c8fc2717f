"""Old rows are emptied or deleted."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from scanforpay_django import clock, tasks
from scanforpay_django.books.bill_fees import post_bill
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.read_bill import read_again
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import BillFile, NotificationAttempt, OAuthState, WalletAccount
from scanforpay_django.operations import worker
from scanforpay_django.operations.housekeeping import AnswersPruner, forget_bill_lines, forget_sign_ins
from tests.books.bills import account_of, trade_bill, trade_bill_of
from tests.merchant import Merchant
from tests.operations.running import run
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_old_answers_are_emptied_and_the_tries_stay(rows: Rows, zoo: Zoo) -> None:
    for _ in range(3):
        rows.notification(zoo.answering(b"success"))
    drain()
    first, second, _third = NotificationAttempt.objects.order_by("pk")
    old = clock.now() - timedelta(days=91)
    NotificationAttempt.objects.filter(pk__in=[first.pk, second.pk]).update(started_at=old)
    prune = AnswersPruner()
    assert (prune(limit=1), prune(limit=1), prune(limit=1)) == (True, True, False)
    kept = list(NotificationAttempt.objects.order_by("pk").values_list("answer", "http_status"))
    assert kept == [("", 200), ("", 200), ("success", 200)]


@pytest.mark.parametrize("keeper", ["worker", "celery"])
def test_old_sign_ins_are_all_forgotten_however_many(rows: Rows, keeper: str) -> None:
    store = rows.store()
    order, old = rows.order("", store), clock.now() - timedelta(days=9)
    account = WalletAccount.objects.create(store=store, wallet="Wechat")
    OAuthState.objects.bulk_create(
        OAuthState(order=order, account=account, token="t", browser="b", payer_id="p") for _ in range(1500)
    )
    OAuthState.objects.update(created_at=old)
    if keeper == "celery":
        tasks.housekeeping()
    else:
        job = next(job for job in worker.periodic_jobs() if job.work is forget_sign_ins)
        stop = threading.Event()
        thread = run(stop, jobs=[job])
        wait_for(lambda: not OAuthState.objects.exists(), 3)
        stop.set()
        thread.join(10)
    assert not OAuthState.objects.exists()


def test_lines_of_old_bills_go_and_come_back(merchant: Merchant) -> None:
    bill = import_bill(trade_bill_of(account_of(merchant)), trade_bill(range(7)), by="ann")
    post_bill(bill)
    BillFile.objects.update(fees_due_at=None)
    assert forget_bill_lines() is False
    with time_machine.travel(clock.now() + timedelta(days=121)):
        assert forget_bill_lines(limit=3) is True
        assert bill.lines.count() == 4
        while forget_bill_lines(limit=3):
            continue
        assert bill.lines.count() == 0
        assert read_again(bill).lines.count() == 7


def test_lines_are_kept_for_ever_where_the_project_says_so(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_BILL_LINES_DAYS = 0
    bill = import_bill(trade_bill_of(account_of(merchant)), trade_bill(), by="ann")
    BillFile.objects.update(fees_posted_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=5000)):
        assert forget_bill_lines() is False
    assert bill.lines.count() == 3


def test_lines_whose_fees_are_not_posted_stay(merchant: Merchant) -> None:
    bill = import_bill(trade_bill_of(account_of(merchant)), trade_bill(), by="ann")
    with time_machine.travel(clock.now() + timedelta(days=121)):
        assert forget_bill_lines() is False
        assert post_bill(bill)
        assert forget_bill_lines() is True
