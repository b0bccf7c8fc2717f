"""WeChat's verification file, and who may not have H5."""

import pytest

from scanforpay_django.wallets.wechat.go_live import (
    WECHAT_PRODUCT_TERMS,
    find_file_text,
    read_domain_file,
)


@pytest.mark.parametrize("name", ["MP_verify_k3Jx9.txt", "MP_verify_0.txt"])
def test_a_name_says_what_the_file_holds(name: str) -> None:
    read_domain_file(name)
    assert name == f"MP_verify_{find_file_text(name)}.txt"


@pytest.mark.parametrize(
    "name", ["verify.txt", "MP_verify_.txt", "MP_verify_a/../b.txt", "x MP_verify_a.txt"]
)
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="MP_verify_k3Jx9"):
        read_domain_file(name)
    assert find_file_text(name) == ""


def test_h5_is_not_for_individual_businesses() -> None:
    assert "Not individual businesses" in str(WECHAT_PRODUCT_TERMS["h5"].text)
    assert "个体工商户" in str(WECHAT_PRODUCT_TERMS["native"].text)
    assert all(terms.is_official for terms in WECHAT_PRODUCT_TERMS.values())
