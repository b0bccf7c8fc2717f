"""Findings in words."""

from scanforpay_django.models import ChainLink
from scanforpay_django.operations.chain.finding import MEANINGS, ChainFinding, describe_link


def test_each_says_what_it_means() -> None:
    for code, meaning in MEANINGS.items():
        assert ChainFinding(code=code, about="x").meaning == meaning
        assert meaning.endswith(".")


def test_a_link_and_a_statement() -> None:
    assert describe_link(ChainLink(number=5, act="row", kind="event", row_pk=7)) == "link 5 (row: event 7)"
    assert describe_link(ChainLink(number=1, act="segment", kind="", row_pk=1)) == "link 1 (segment)"
