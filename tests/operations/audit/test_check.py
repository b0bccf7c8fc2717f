"""What every check of the audit says of itself."""

from scanforpay_django.operations.audit import ALL_CHECKS


def test_every_check_has_its_own_name_a_sentence_and_an_invariant() -> None:
    assert len({check.code for check in ALL_CHECKS}) == len(ALL_CHECKS)
    assert all(check.text.endswith((".", "?")) for check in ALL_CHECKS)
    assert {check.invariant for check in ALL_CHECKS} <= set(range(9))
