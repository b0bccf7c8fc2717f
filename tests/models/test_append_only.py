"""What may not be changed is refused by the ORM; each way of it is in ``test_posting``."""

import pytest

from scanforpay_django.exceptions import AppendOnly
from scanforpay_django.models import Posting
from tests.merchant import Merchant
from tests.models.test_posting import make

pytestmark = pytest.mark.django_db


def test_a_row_is_inserted_and_stays(merchant: Merchant) -> None:
    row = make(merchant)
    for change in (row.save, row.delete, Posting.objects.all().delete):
        with pytest.raises(AppendOnly):
            change()
    assert Posting.objects.get().amount == 2100
