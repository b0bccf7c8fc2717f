"""What a difference is known by."""

from dataclasses import replace

from scanforpay_django.books.compare.values import Comparison, Found, Kind

FOUND = Found(kind=Kind.AMOUNT, number="1", account_id=1, ours="1.00", theirs="2.00", details={"line": 2})


def test_the_facts_are_what_both_sides_say() -> None:
    assert FOUND.facts() == replace(FOUND, order_no="S1").facts()
    others = [replace(FOUND, theirs="2.01"), replace(FOUND, amount=1), replace(FOUND, details={"line": 3})]
    assert len({one.facts() for one in (FOUND, *others)}) == 4


def test_what_was_not_judged_is_not_gone() -> None:
    comparison = Comparison()
    comparison.add([FOUND], Kind.AMOUNT, Kind.CURRENCY)
    assert comparison.judged == {Kind.AMOUNT, Kind.CURRENCY}
