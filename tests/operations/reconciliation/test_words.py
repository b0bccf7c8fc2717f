"""What a difference says in the reader's language."""

import pytest
from django.utils.translation import override

from scanforpay_django.models import BillDay, Difference
from scanforpay_django.operations.reconciliation.words import (
    FIELDS,
    MILD,
    find_look,
    say_difference,
    say_merchant,
    say_number,
    shown_amount,
)


def row(kind: str, **columns: object) -> Difference:
    return Difference(kind=kind, **columns)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"kind": "paid_there_closed_here", "field": "state", "ours": "closed"}, "已关闭"),
        ({"kind": "refund_failed_there", "field": "state", "ours": "succeeded"}, "退款成功"),
        ({"kind": "fee_rate", "field": "fee", "ours": "0.60 % agreed"}, "约定 0.60 %"),
        ({"kind": "bill_late", "field": "bill", "ours": "gone from 2027-02-25 on"}, "自 2027-02-25 起失效"),
        ({"kind": "amount", "field": "amount", "ours": "21.00"}, "21.00"),
        ({"kind": "not_notified", "field": "notification", "ours": "exhausted"}, "已放弃"),
    ],
)
def test_our_own_words_are_translated_and_amounts_stay(columns: dict[str, str], said: str) -> None:
    with override("zh-hans"):
        assert say_difference(Difference(**columns)).ours == said


def test_a_bills_own_words_and_columns_stay_as_they_are() -> None:
    found = row("line_unread", field="交易状态", theirs="PAYERROR", number="0:2:word_unknown:交易状态")
    said = say_difference(found)
    assert (said.field, said.theirs) == ("交易状态", "PAYERROR")
    assert said.problem == "A line has a status or type that is not known. It counts as nothing."


def test_every_field_of_ours_has_a_word() -> None:
    with override("ja"):
        assert [name for name, word in FIELDS.items() if not str(word) or str(word) == name] == []


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({"number": "A1", "details": {"trade_no": "4200"}}, "4200"),
        ({"number": "A1", "details": {}}, "A1"),
        ({"number": "7 CNY", "details": {"lines": 27}}, "27 lines"),
        ({"number": "0:12:line_unread:x", "details": {"line": 12}}, "line 12"),
        ({"number": "bill", "details": {}}, ""),
    ],
)
def test_what_stands_for_the_platforms_number(columns: dict[str, object], number: str) -> None:
    assert say_number(row("amount", **columns)) == number


def test_what_goes_back_has_a_minus() -> None:
    assert shown_amount(row("refund_unknown", amount=700)) == -700
    assert shown_amount(row("amount", amount=700)) == 700
    assert shown_amount(row("refund_unknown")) is None


def test_money_is_bad_files_and_fees_are_less_and_notes_are_nothing() -> None:
    assert [find_look(kind)[0] for kind in ("missing_there", "fee_rate", "discount")] == [
        "bad",
        "wait",
        "off",
    ]
    assert not set(MILD) & set(Difference.NOTES)


def test_a_merchant_is_its_wallet_and_number() -> None:
    assert say_merchant(BillDay(merchant="Wechat:production:19", number="19")) == "WeChat Pay 19"
    assert say_merchant(BillDay(merchant="Gone:production:19", number="19")) == "Gone 19"
