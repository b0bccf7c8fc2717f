"""A refund whose payer could not be reached goes another way, once."""

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    InvalidOrderState,
    PlatformRefused,
    PlatformTimeout,
    PlatformUnreachable,
)
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.redirect_refund import may_be_redirected, redirect_refund
from scanforpay_django.models import Cause, Flag, Order, Refund, Source
from scanforpay_django.wallets.base import BankAccount, RefundResult, RefundState
from tests.merchant import Merchant
from tests.paid_order import order, quick, refund
from tests.scripted import Platform, platform
from tests.threads import raced

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)
CARD = BankAccount(bank="TEA_DEBIT", number="6222020200112233445", holder="张三")
STAFF = Cause(source=Source.STAFF, actor="chen.yu")


def unreachable() -> RefundResult:
    return RefundResult(
        out_refund_no=Refund.objects.get().out_refund_no,
        state=RefundState.PAYER_UNREACHABLE,
        refund_id="5030",
        platform_state="ABNORMAL",
    )


@pytest.fixture
def stuck(merchant: Merchant, order: Order, platform: Platform) -> Refund:
    """7.00 of 21.00 did not reach the payer."""
    platform.script["refund"] = lambda real: unreachable()
    refund(merchant)
    platform.script = {"query_refund": lambda real: unreachable()}
    found = Refund.objects.get()
    assert found.state == "payer_unreachable"
    assert may_be_redirected(found)
    return found


@pytest.mark.parametrize(("account", "way"), [(CARD, "payer_card"), (None, "merchant")])
def test_it_goes_on_and_ends(
    stuck: Refund, platform: Platform, account: BankAccount | None, way: str
) -> None:
    redirect_refund(stuck, account, STAFF)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way, stuck.lease_token) == ("processing", way, "")
    (sent,) = platform.redirects
    assert (sent.refund_id, sent.out_refund_no, sent.account) == ("5030", stuck.out_refund_no, account)
    platform.refunds[stuck.out_refund_no] = 700
    platform.script = {}
    Refund.objects.update(next_at=clock.now())
    assert carry_out(stuck).state == "succeeded"
    event = Order.objects.get().events.get(data__act="redirect")
    assert (event.actor, event.data["way"]) == ("chen.yu", way)


def test_no_card_is_kept_anywhere(stuck: Refund, platform: Platform) -> None:
    redirect_refund(stuck, CARD, STAFF)
    events = [str(event.data) for event in Order.objects.get().events.all()]
    kept = " ".join([*events, str(vars(Refund.objects.get())), repr(CARD), repr(platform.redirects[0])])
    assert CARD.number not in kept
    assert CARD.holder not in kept


def test_what_has_arrived_meanwhile_goes_nowhere_else(stuck: Refund, platform: Platform) -> None:
    platform.refunds[stuck.out_refund_no] = 700
    platform.script = {}
    with pytest.raises(InvalidOrderState, match="moved on"):
        redirect_refund(stuck, CARD, STAFF)
    assert platform.redirects == []
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way) == ("succeeded", "")


def test_a_refund_that_is_not_stuck_goes_no_other_way(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    refund(merchant)
    made = Refund.objects.get()
    assert not may_be_redirected(made)
    with pytest.raises(InvalidOrderState):
        redirect_refund(made, None, STAFF)
    assert platform.redirects == []


@pytest.mark.parametrize(
    "error", [PlatformRefused("no", platform_code="PARAM_ERROR"), PlatformUnreachable("down")]
)
def test_what_was_not_taken_has_no_way(stuck: Refund, platform: Platform, error: Exception) -> None:
    platform.script["redirect_refund"] = error
    with pytest.raises(type(error)):
        redirect_refund(stuck, CARD, STAFF)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way, stuck.lease_token) == ("payer_unreachable", "", "")
    platform.script.pop("redirect_refund")
    redirect_refund(stuck, None, STAFF)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way) == ("processing", "merchant")


def test_what_may_have_been_taken_keeps_its_way_and_is_asked_about(stuck: Refund, platform: Platform) -> None:
    platform.script["redirect_refund"] = PlatformTimeout()
    with pytest.raises(PlatformTimeout):
        redirect_refund(stuck, CARD, STAFF)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.way, stuck.lease_token) == ("payer_unreachable", "payer_card", "")
    platform.refunds[stuck.out_refund_no] = 700
    platform.script = {}
    Refund.objects.update(next_at=clock.now())
    assert carry_out(stuck).state == "succeeded"


def test_one_that_stops_again_calls_for_a_person_again(stuck: Refund, platform: Platform) -> None:
    redirect_refund(stuck, CARD, STAFF)
    Flag.objects.all().delete()
    Refund.objects.update(next_at=clock.now())
    assert carry_out(stuck).state == "payer_unreachable"
    assert Flag.objects.get().kind == "refund_stuck"


@pytest.mark.row_locks
@pytest.mark.slow
def test_two_people_at_once_send_it_once(stuck: Refund, platform: Platform) -> None:
    def send() -> str:
        try:
            redirect_refund(stuck, CARD, STAFF)
        except InvalidOrderState:
            return "refused"
        return "sent"

    assert sorted(raced(6, send)) == [*["refused"] * 5, "sent"]
    assert len(platform.redirects) == 1
    assert Order.objects.get().events.filter(data__act="redirect").count() == 1


def test_a_slow_query_leaves_the_whole_lease_for_the_call(stuck: Refund, platform: Platform) -> None:
    """Otherwise another process could ask, and send, while the call is under way."""
    left = []

    def query(real: object) -> RefundResult:
        # The query has taken all of the lease.
        Refund.objects.update(next_at=clock.now())
        return unreachable()

    def send(real: object) -> RefundResult:
        left.append(Refund.objects.get().next_at > clock.now())
        return unreachable()

    platform.script = {"query_refund": query, "redirect_refund": send}
    redirect_refund(stuck, CARD, STAFF)
    assert left == [True]
