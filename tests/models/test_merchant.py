"""Partners are checked when they are saved."""

import pytest
from django.core.exceptions import ValidationError

from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["203.0.113.300", "10.0.0.0/33", "shop.example.com"])
def test_a_list_that_does_not_read_is_refused(merchant: Merchant, text: str) -> None:
    merchant.partner.allowed_addresses = f"203.0.113.1 {text}"
    with pytest.raises(ValidationError, match="not a valid IP address or network"):
        merchant.partner.full_clean()
