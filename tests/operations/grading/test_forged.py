"""Messages of somebody without the key."""

import pytest

from scanforpay_django.operations.grading import forged, signed
from tests.merchant import Merchant
from tests.operations.grading.graded import grade, names, wrong
from tests.operations.grading.shops import Keyless, Loose, Reparsing, Trusting, Unverifying

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_that_says_success_to_anything(merchant: Merchant) -> None:
    judged = grade(merchant, Trusting)
    assert wrong(judged) == names(forged.CASES) | names(signed.CASES) | {"forged-after"}
    assert sum(one.is_right for one in judged) == 7


def test_a_shop_that_reads_without_verifying(merchant: Merchant) -> None:
    well_formed = {
        "empty-signature",
        "short-signature",
        "other-key",
        "empty-key",
        "copied-signature",
        "changed-amount",
        "sign-type-none",
    }
    assert wrong(grade(merchant, Unverifying)) == {*well_formed, "forged-after"}


def test_a_shop_that_verifies_one_part_and_reads_another(merchant: Merchant) -> None:
    assert wrong(grade(merchant, Reparsing)) == {"two-values", "wrapped-copy"}


def test_a_shop_that_compares_loosely(merchant: Merchant) -> None:
    assert wrong(grade(merchant, Loose)) == {"signature-true", "short-signature"}


def test_a_shop_without_a_key(merchant: Merchant) -> None:
    assert "empty-key" in wrong(grade(merchant, Keyless))
