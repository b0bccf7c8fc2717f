"""Every kind of difference is found, and nothing else is, whatever the days' order.

    EVERY_CASE=1 pytest tests/books/test_seeded_differences.py

runs it with 10,000 orders and 40 of each kind.
"""

import os
import random
from collections import Counter

import pytest

from scanforpay_django.models import WalletAccount
from tests.books.agreeing_books import AgreeingBooks, MerchantNumber, open_number
from tests.books.platform_copy import RATE
from tests.books.published import compare_all_again, forget_bills, read_found
from tests.books.seeded import Kind
from tests.books.seeded_files import SeededBooks, read_open
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at

__all__ = ["at"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(3600)]
EVERY_CASE = bool(os.environ.get("EVERY_CASE"))
ORDERS, DAYS, VARIANTS = (10_000, 14, 40) if EVERY_CASE else (240, 5, 1)
#: of merchant numbers: direct ones, and those whose bills are never out or never whole
DIRECT, LATE, CUT = (3, 3, 2) if EVERY_CASE else (1, 1, 1)


def direct(merchant: Merchant, first: int, number: int) -> list[MerchantNumber]:
    found = [open_number(merchant.partner, f"19000000{first + place}", DAYS) for place in range(number)]
    for one in found:
        one.accounts[0].fee_rate = RATE
        one.accounts[0].save()
    return found


def make_books(merchant: Merchant) -> SeededBooks:
    # Accounts without a bill would be asked for theirs.
    WalletAccount.objects.all().delete()
    numbers = [
        *direct(merchant, 21, DIRECT),
        open_number(merchant.partner, "1900000041", DAYS, sub_mchids=("1900000109", "1900000110")),
        open_number(merchant.partner, "1900000042", DAYS, wallet="WechatGlobal"),
    ]
    books = SeededBooks(numbers, DAYS, seed=20261127)
    spoiled = [
        AgreeingBooks(direct(merchant, first, size), DAYS, first) for first, size in ((51, LATE), (61, CUT))
    ]
    for one in spoiled:
        one.rows = books.rows
        one.fill(ORDERS // 20)
    books.fill(ORDERS * 9 // 10)
    books.seed(VARIANTS, *spoiled)
    books.answer_whole_numbers()
    books.rows.save()
    return books


def test_every_kind_is_found_and_nothing_else(merchant: Merchant, at: At) -> None:
    at("2026-11-30 21:00")
    books = make_books(merchant)
    books.publish_all(random.Random(1))
    compare_all_again(random.Random(2))
    answers = books.find_answers()
    found = read_open()
    assert (sorted(answers - found), sorted(found - answers)) == ([], [])
    counts = Counter(kind for _number, _day, kind, _text in answers)
    assert {kind: number for kind, number in counts.items() if number < VARIANTS} == {}
    assert set(counts) == {str(kind) for kind in Kind}

    first = read_found()
    compare_all_again(random.Random(3))
    assert read_found() == first

    forget_bills()
    books.publish_all(random.Random(4))
    compare_all_again(random.Random(5))
    assert read_open() == answers
    assert read_found() == first
