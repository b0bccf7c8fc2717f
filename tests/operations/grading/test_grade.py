"""Thirty notifications, and what a shop's answers say."""

from http.server import HTTPServer
from typing import Any

import pytest

from scanforpay_django.operations.grading.grade import CASES, Grader
from scanforpay_django.operations.grading.subject import NotGraded, find_material
from tests.merchant import PARTNER_NO, Merchant
from tests.operations.grading.graded import grade, wrong
from tests.operations.grading.shops import Generous, Shop, serving
from tests.transport.zoo import Zoo, closed_port

pytestmark = pytest.mark.django_db(transaction=True)


def test_there_are_thirty_and_each_says_what_to_do() -> None:
    assert len(CASES) == len({case.name for case in CASES}) == 30
    assert all(case.title and case.why and case.change for case in CASES)


@pytest.mark.parametrize("counts", [False, True])
def test_a_careful_shop_gets_all(merchant: Merchant, counts: bool) -> None:
    judged = grade(merchant, Shop, counts=counts)
    assert (len(judged), wrong(judged)) == (30, set())


def test_a_shop_that_credits_twice_is_found_by_its_count(merchant: Merchant) -> None:
    judged = grade(merchant, Generous, counts=True)
    assert wrong(judged) >= {"two-at-once", "again"}
    assert "the order has been credited 2 times, and it should be 1" in judged[22].did


def test_a_shop_that_serves_one_at_a_time(merchant: Merchant, settings: Any) -> None:
    settings.SCANFORPAY_NOTIFY_DEADLINE_SECONDS = 1
    judged = grade(merchant, Shop, server_class=HTTPServer)
    assert wrong(judged) == {"beside-a-hanging-one"}
    assert {one.did for one in judged if not one.is_right} == {"gave no answer (timeout after 1 s)"}


def test_a_store_for_which_any_2xx_will_do(merchant: Merchant, zoo: Zoo) -> None:
    merchant.store.acknowledge_any_2xx = True
    merchant.store.save()
    merchant.create(partnerOrderNo="p1")
    grader = Grader(url=zoo.answering(b"OK"), material=find_material(PARTNER_NO, "p1"))
    assert not next(grader.grade()).is_right


def test_where_nothing_listens_nothing_is_graded(merchant: Merchant) -> None:
    merchant.create(partnerOrderNo="p1")
    grader = Grader(url=f"http://127.0.0.1:{closed_port()}", material=find_material(PARTNER_NO, "p1"))
    with pytest.raises(NotGraded, match="cannot be reached: connection refused"):
        list(grader.grade())


@pytest.mark.parametrize("answer", [b"many", b"\xff"])
def test_a_count_that_is_no_number(merchant: Merchant, zoo: Zoo, answer: bytes) -> None:
    merchant.create(partnerOrderNo="p1")
    material = find_material(PARTNER_NO, "p1")
    with serving(Shop("p1")) as url, pytest.raises(NotGraded, match="how often the order was credited"):
        list(Grader(url=url, material=material, credits_url=zoo.answering(answer)).grade())
