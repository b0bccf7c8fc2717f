"""The values that cross the border between wallets and the rest."""

import dataclasses

import pytest

from scanforpay_django.wallets import results, values
from scanforpay_django.wallets.values import Account

CLASSES = [one for one in (*vars(values).values(), *vars(results).values()) if dataclasses.is_dataclass(one)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_value_is_frozen_and_keyword_only(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    assert all(one.kw_only for one in dataclasses.fields(kind))


def test_an_account_shows_no_secret() -> None:
    account = Account(
        pk=1, wallet="Wechat", environment="production", config=(("mchid", "1"),),
        secrets=(("apiv3_key", "a-secret"),), hosts=(("api", "https://api.example"),), currencies=("CNY",),
    )  # fmt: skip
    assert "a-secret" not in repr(account)
    assert (account.value("mchid"), account.value("none")) == ("1", "")
    assert (account.secret("apiv3_key"), account.secret("none")) == ("a-secret", "")
    with pytest.raises(KeyError):
        account.host("none")
