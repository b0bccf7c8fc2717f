"""The addresses of the package."""

import pytest
from django.test import Client

from tests.merchant import Merchant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "path", ["jspay/pay/a%00b", "jspay/pay/a%00/status", "jspay/oauth/wechat?state=%00&code=1"]
)
def test_nul_in_an_address_is_404_on_every_database(merchant: Merchant, client: Client, path: str) -> None:
    assert client.get(f"/api/{path}").status_code == 404
    assert client.post("/api/platform/wechat/a%00b", b"x", content_type="application/json").status_code == 404
