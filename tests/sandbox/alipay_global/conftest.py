"""A merchant of the cross-border gateway."""

import pytest

from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials
from tests.sandbox.families import Mapi


@pytest.fixture
def mapi(client, db):
    return Mapi(client, issue_alipay_global_credentials())
