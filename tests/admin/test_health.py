"""How the installation does, as a page: who sees it, what comes first, what is asked when."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.models import SignKey, WorkerBeat
from scanforpay_django.operations.chain.follow import catch_up as link_all
from tests.merchant import Merchant
from tests.people import sign_in
from tests.platform import give_credentials, open_payment

pytestmark = pytest.mark.django_db


def place() -> str:
    return reverse("admin:scanforpay_health")


def show(client: Client, **headers: Any) -> str:
    answer = client.get(place(), **headers)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_problems_come_first_each_with_its_remedy(merchant: Merchant, staff: Client) -> None:
    link_all()
    page = show(staff)
    assert 0 < page.find("No worker is alive") < page.find("Start manage.py scanforpay_worker")
    assert page.find("Start manage.py scanforpay_worker") < page.find("All are applied.")
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    page = show(staff)
    assert page.find("All are applied.") < page.find("Seen on web-1.")


def test_it_speaks_the_readers_language(merchant: Merchant, staff: Client) -> None:
    page = show(staff, headers={"accept-language": "zh-hans"})
    assert "没有正在运行的后台进程" in page
    assert "<title>运行状况" in page


def test_where_nothing_is_wrong_it_says_so(merchant: Merchant, staff: Client, settings: Any) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["pay.example.com", "testserver"]
    settings.SCANFORPAY_BASE_URL = "https://pay.example.com"
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    link_all()
    answer = staff.get(place())
    left = [one for one in answer.context["problems"] if not one.is_check]
    assert left == []
    assert answer.context["right"]


def test_no_secret_is_in_it(merchant: Merchant, staff: Client, settings: Any) -> None:
    settings.SCANFORPAY_LIMITS_REDIS_URL = "redis://:hidden-word@127.0.0.1:1/0"
    secrets = [key.secret() for key in SignKey.objects.all()]
    page = show(staff)
    assert "ConnectionError" in page
    assert [one for one in (*secrets, "hidden-word", settings.SECRET_KEY) if one in page] == []


def test_the_platforms_are_asked_by_the_button_alone(
    merchant: Merchant, staff: Client, settings: Any
) -> None:
    settings.SCANFORPAY_BASE_URL = "http://127.0.0.1:1"
    assert "were not asked" in show(staff)
    answer = staff.post(place())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The public address and the platforms were asked." in page
    assert "Public address" in page


def test_an_operator_sees_it_and_finds_it_in_the_menu(merchant: Merchant) -> None:
    operator = sign_in("operator")
    show(operator)
    assert f'href="{place()}"' in operator.get("/admin/scanforpay/").content.decode()


@pytest.mark.parametrize("tie", ["partner", "store", ""])
def test_staff_of_a_merchant_never_see_it(merchant: Merchant, tie: str) -> None:
    """Whatever permissions they have: it speaks of all merchants."""
    tied_to = {tie: getattr(merchant, tie)} if tie else {}
    clerk = sign_in("shop manager", "view_health", "change_store", "view_store", **tied_to)
    assert clerk.get(place()).status_code == 403
    assert clerk.post(place()).status_code == 403
    assert place() not in clerk.get("/admin/scanforpay/").content.decode()


def test_to_see_all_partners_is_not_enough(merchant: Merchant) -> None:
    clerk = sign_in("", "view_all_partners", "view_store", "view_order")
    assert clerk.get(place()).status_code == 403
    assert place() not in clerk.get("/admin/scanforpay/").content.decode()


def test_a_form_from_another_site_asks_nobody(merchant: Merchant, django_user_model: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    assert client.post(place()).status_code == 403


def test_a_late_worker_on_the_overview_leads_here(merchant: Merchant, staff: Client) -> None:
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    WorkerBeat.objects.update(at=clock.now() - timedelta(minutes=11))
    give_credentials(merchant)
    open_payment(merchant, "Wechat")
    assert "Look at Health" in staff.get("/admin/scanforpay/").content.decode()
