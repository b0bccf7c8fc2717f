"""When a notification is sent again."""

import pytest

from scanforpay_django.merchant_notify.claim import Claimed
from scanforpay_django.merchant_notify.record import Result, next_delay
from scanforpay_django.merchant_notify.retry import LADDER, RetrySchedule
from scanforpay_django.transport import Outcome


def answered(
    body: bytes = b"", status: int | None = 200, reason: str = "", retry_after: float = 0
) -> Outcome:
    return Outcome(status=status, body=body, reason=reason, retry_after_seconds=retry_after)


def test_the_ladder_has_19_tries_in_84_hours() -> None:
    assert len(LADDER) == 19
    assert sum(LADDER) == 302_640


def test_the_first_steps_are_exact_and_the_rest_are_spread() -> None:
    early, late = RetrySchedule(draw=lambda: 0.0), RetrySchedule(draw=lambda: 1.0)
    assert [early.delay_after(tries) for tries in range(5)] == [0, 15, 15, 24, 144]
    assert [late.delay_after(tries) for tries in range(5)] == [0, 15, 15, 36, 216]
    assert late.delay_after(18) == pytest.approx(86400 * 1.2)
    assert late.delay_after(19) is None


def result(outcome: Outcome, tries: int = 1) -> Result:
    claimed = Claimed(
        pk=1,
        attempt_pk=1,
        lease_token="t",
        url="",
        body=b"",
        headers={},
        obstacle="",
        tries=tries,
        any_2xx=False,
        max_attempts=19,
        endpoint="",
        partner_pk=1,
        cap=4,
        fills_cap=False,
    )
    return Result(claimed=claimed, outcome=outcome)


@pytest.mark.parametrize(
    ("outcome", "delay"),
    [
        (answered(b"", 500), 15),
        (answered(b"", 404), 15),
        (answered(b"", 410), None),
        (answered(b"", 500, retry_after=20), 15),
        (answered(b"", 503, retry_after=20), 20),
        (answered(b"", 429, retry_after=5), 15),
        (answered(b"", 429, retry_after=9999), 30),
        (answered(b"", None, "timeout"), 15),
    ],
)
def test_the_next_try(outcome: Outcome, delay: float | None) -> None:
    assert next_delay(result(outcome)) == delay


def test_the_last_try() -> None:
    assert next_delay(result(answered(b"", 500), tries=19)) is None
