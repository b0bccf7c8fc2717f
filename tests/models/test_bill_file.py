"""Bills and where they are kept."""

import pytest
from django.core.files.base import ContentFile

from scanforpay_django.models.bill_file import BillFile, BillStorage, bill_path
from tests.books.bills import DAY

pytestmark = pytest.mark.sqlite


def test_the_storage_is_looked_up_at_each_use(settings, tmp_path) -> None:
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "other": backend}
    settings.SCANFORPAY_BILL_STORAGE = "other"
    storage = BillStorage()
    name = storage.save("a/b.csv", ContentFile(b"x"))
    assert (tmp_path / name).read_bytes() == b"x"
    assert (storage.exists(name), storage.size(name)) == (True, 1)
    with storage.open(name) as file:
        assert file.read() == b"x"
    storage.delete(name)
    assert not storage.exists(name)


def test_a_bill_has_no_address() -> None:
    with pytest.raises(NotImplementedError):
        BillStorage().url("a")


def test_the_path_says_what_it_is() -> None:
    bill = BillFile(account_id=7, bill_type="trade", day=DAY, sha256="ab" * 32)
    assert bill_path(bill, ".zip") == "7/2019/trade-2019-02-19-abababababab.zip"
