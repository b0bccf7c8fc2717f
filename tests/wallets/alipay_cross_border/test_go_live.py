"""What is agreed with Alipay for its cross-border gateway."""

from scanforpay_django.wallets.alipay_cross_border.go_live import CROSS_BORDER_GO_LIVE_STEPS
from scanforpay_django.wallets.base import Evidence


def test_only_a_person_can_look() -> None:
    assert {step.evidence for step in CROSS_BORDER_GO_LIVE_STEPS} == {Evidence.PERSON}
