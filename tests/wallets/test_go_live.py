"""What each wallet says of going live fits together."""

import pytest

from scanforpay_django.models.go_live_check import MAX_STEP_LENGTH
from scanforpay_django.wallets.base import Evidence, ProductTerms
from scanforpay_django.wallets.registry import wallet_classes

WALLETS = wallet_classes()


@pytest.mark.parametrize("name", WALLETS)
def test_steps_are_about_what_the_wallet_has(name: str) -> None:
    backend = WALLETS[name]
    names = [step.name for step in backend.go_live_steps]
    assert names
    assert len(set(names)) == len(names)
    assert not {"address", "notify", "connection", "trial"} & set(names)
    values = {"", "products", "payment_directory", "sign_in_domain", "receipt_link"}
    values |= {credential.name for credential in backend.credentials}
    for step in backend.go_live_steps:
        assert len(step.name) <= MAX_STEP_LENGTH
        assert step.products <= set(backend.products)
        assert step.value in values
        assert step.evidence is not Evidence.PAYMENT or step.products


@pytest.mark.parametrize("name", WALLETS)
def test_of_each_product_it_is_said_who_gets_it_and_where_that_was_read(name: str) -> None:
    backend = WALLETS[name]
    assert set(backend.product_terms) == set(backend.products)
    for terms in backend.product_terms.values():
        assert terms.source.startswith("https://")
        assert terms.site in terms.source


def test_a_wallet_without_files_knows_none() -> None:
    assert WALLETS["Alipay"].domain_file_text("MP_verify_a1.txt") == ""
    assert ProductTerms(text="x", source="https://a.example/b").site == "a.example"
