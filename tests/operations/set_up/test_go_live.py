"""An account's go-live list: which steps, with what, and when what was known holds no more."""

from typing import Any

import pytest
from django.utils import translation

from scanforpay_django import clock
from scanforpay_django.models import GoLiveCheck, StepResult, WalletAccount
from scanforpay_django.operations.set_up.go_live import (
    NOTIFY,
    get_subject,
    list_steps,
    name_account,
    read_list,
)
from tests.merchant import Merchant
from tests.operations.set_up.live import make_live

pytestmark = pytest.mark.django_db
BASE = "https://pay.example.com"


@pytest.fixture(autouse=True)
def address(settings: Any) -> None:
    settings.SCANFORPAY_BASE_URL = BASE


def names(account: WalletAccount) -> list[str]:
    return [step.name for step in list_steps(account)]


def test_what_is_not_granted_is_not_registered(merchant: Merchant) -> None:
    account = make_live(merchant)
    own = ["products", "sign_in_domain", "domain_file", "payment_directory"]
    assert names(account) == ["address", *own, "notify", "connection", "trial"]
    account.grants = "native"
    assert names(account) == ["address", "products", "notify", "connection", "trial"]
    account.grants, account.config = "h5", {"sub_mchid": "19"}
    assert names(account)[1:4] == ["products", "h5_domain", "receipt_link"]


def test_at_the_sandbox_nothing_is_registered(merchant: Merchant) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    assert names(account) == ["notify", "connection", "trial"]
    account.wallet = "Gone"
    assert names(account) == ["notify", "connection", "trial"]
    assert read_list(account).find("notify").value == ""


def test_the_values_are_as_they_are_typed_there(merchant: Merchant) -> None:
    account = make_live(merchant, mchid="1900067890", verification_file="MP_verify_a1.txt")
    values = {line.step.name: line.value for line in read_list(account).lines}
    assert values == {
        "address": BASE,
        "products": "JSAPI, in WeChat",
        "sign_in_domain": "pay.example.com",
        "domain_file": "MP_verify_a1.txt",
        "payment_directory": f"{BASE}/api/jspay/",
        "notify": f"{BASE}/api/platform/wechat/{account.public_id}",
        "connection": "",
        "trial": "",
    }
    assert name_account(account) == "WeChat Pay 1900067890"
    assert name_account(make_live(merchant, "Alipay")).startswith("Alipay · ")


def record(account: WalletAccount, step: str, state: str = "ok") -> None:
    found = next(one for one in list_steps(account) if one.name == step)
    result = StepResult(step=step, state=state, seen="x", subject=get_subject(account, found))
    GoLiveCheck.objects.record(account, [result], clock.now())


@pytest.mark.parametrize(
    ("step", "change", "holds"),
    [
        ("notify", {"config": {"mchid": "2"}}, False),
        ("notify", {"secrets_ciphertext": "other"}, True),
        ("connection", {"secrets_ciphertext": "other"}, False),
        ("connection", {"name": "other"}, True),
        ("products", {"grants": "h5"}, False),
        ("payment_directory", {"is_active": False}, True),
    ],
)
def test_a_result_holds_until_what_it_was_about_changes(
    merchant: Merchant, step: str, change: dict[str, Any], holds: bool
) -> None:
    account = make_live(merchant)
    record(account, step)
    assert read_list(account).find(step).is_done
    WalletAccount.objects.filter(pk=account.pk).update(**change)
    account.refresh_from_db()
    line = read_list(account).find(step)
    assert (line.is_done, line.is_outdated) == (holds, not holds)


def test_a_subject_is_the_same_in_every_language(merchant: Merchant) -> None:
    account = make_live(merchant)
    found = set()
    for language in ("en", "zh-hans", "ja"):
        with translation.override(language):
            found |= {tuple(get_subject(account, step) for step in list_steps(account))}
    assert len(found) == 1


def test_what_we_saw_fail_is_not_done_by_anybodys_word(merchant: Merchant) -> None:
    account = make_live(merchant)
    step = next(one for one in list_steps(account) if one.name == "payment_directory")
    GoLiveCheck.objects.confirm(account, step.name, actor="lin", subject=get_subject(account, step))
    assert read_list(account).find(step.name).is_done
    record(account, step.name, "failed")
    line = read_list(account).find(step.name)
    assert (line.is_done, line.is_failed, line.may_be_confirmed) == (False, True, False)


def test_moments_are_told_in_the_stores_zone(merchant: Merchant) -> None:
    merchant.store.timezone = "Asia/Tokyo"
    merchant.store.save()
    account = make_live(merchant)
    seen = "The platform accepts a signed call. A certificate ends at %(ends_at)s."
    details = {"ends_at": "2031-08-11T00:00:00+00:00"}
    result = StepResult(
        step="notify", state="ok", seen=seen, details=details, subject=get_subject(account, NOTIFY)
    )
    GoLiveCheck.objects.record(account, [result], clock.now())
    assert "2031-08-11 09:00:00" in read_list(account).find("notify").seen
    GoLiveCheck.objects.update(details={})
    assert read_list(account).find("notify").seen == seen
