"""Platforms' bills in the admin: uploaded, shown, never changed."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import BillDay, BillFile
from tests.books.bills import account_of, trade_bill
from tests.merchant import Merchant
from tests.people import sign_in
from tests.rows import Rows
from tests.wallets.bills.samples import zipped

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "admin:scanforpay_billfile_add"


def upload(staff: Client, merchant: Merchant, raw: bytes, **changes: Any) -> Any:
    """The form, filled in for the samples' day."""
    given = {
        "account": account_of(merchant).pk,
        "bill_type": "trade",
        "day": "2019-02-19",
        "file": SimpleUploadedFile("bill.csv.gz", raw),
        **changes,
    }
    return staff.post(reverse(ADD), given, follow=True)


def test_staff_upload_a_bill_and_see_what_it_says(merchant: Merchant, staff: Client) -> None:
    assert staff.get(reverse(ADD)).status_code == 200
    raw = trade_bill().getvalue()
    assert upload(staff, merchant, raw).status_code == 200
    bill = BillFile.objects.get()
    assert (bill.state, bill.line_count, bill.source, bool(bill.uploaded_by)) == ("read", 3, "upload", True)
    page = staff.get(reverse("admin:scanforpay_billfile_change", args=[bill.pk])).content.decode()
    assert bill.sha256 in page
    assert (
        "2019-02-19" in staff.get(reverse("admin:scanforpay_billfile_changelist")).content.decode()
        or bill.day
    )
    upload(staff, merchant, raw)
    assert BillFile.objects.count() == 1


def test_a_problem_is_shown_with_its_line(merchant: Merchant, staff: Client) -> None:
    upload(staff, merchant, trade_bill(is_cut=True).getvalue())
    bill = BillFile.objects.get()
    page = staff.get(reverse("admin:scanforpay_billfile_change", args=[bill.pk])).content.decode()
    assert (bill.state, bill.problem_count) == ("broken", 1)
    assert "a part of it is missing" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"file": SimpleUploadedFile("a.xlsx", zipped(**{"[Content_Types]__xml": b"<x/>"}))},
            "This is a spreadsheet",
        ),
        ({"bill_type": "signcustomer"}, "has no bill of this kind"),
        ({"last_day": "2019-02-18"}, "The last day is before the first."),
        ({"day": ""}, "This field is required."),
    ],
)
def test_what_does_not_fit_is_said(
    merchant: Merchant, staff: Client, changes: dict[str, Any], sentence: str
) -> None:
    page = upload(staff, merchant, trade_bill().getvalue(), **changes)
    assert sentence in page.content.decode()
    assert BillFile.objects.count() == 0


def test_without_a_storage_it_is_said(merchant: Merchant, staff: Client, settings) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    assert "SCANFORPAY_BILL_STORAGE" in upload(staff, merchant, trade_bill().getvalue()).content.decode()


def test_nothing_is_changed_or_deleted(merchant: Merchant, staff: Client) -> None:
    upload(staff, merchant, trade_bill().getvalue())
    key = [BillFile.objects.get().pk]
    assert staff.post(reverse("admin:scanforpay_billfile_change", args=key), {}).status_code == 403
    assert (
        staff.post(reverse("admin:scanforpay_billfile_delete", args=key), {"post": "yes"}).status_code == 403
    )


def test_nothing_is_uploaded_for_a_strangers_account(merchant: Merchant) -> None:
    own = Rows().store()
    clerk = sign_in("accountant", partner=own.partner)
    page = upload(clerk, merchant, trade_bill().getvalue()).content.decode()
    assert "That choice is not one of the available choices" in page
    assert BillFile.objects.count() == 0
    cashier = sign_in("cashier", name="cashier", partner=merchant.partner)
    assert upload(cashier, merchant, trade_bill().getvalue()).status_code == 403


def test_an_upload_is_compared(merchant: Merchant, staff: Client) -> None:
    answer = upload(staff, merchant, trade_bill().getvalue())
    assert "The bill was compared: all agrees." in answer.content.decode()
    assert BillDay.objects.get().state == "compared"
    page = upload(staff, merchant, trade_bill(is_cut=True).getvalue(), day="2019-02-20").content.decode()
    day = BillDay.objects.get(day="2019-02-20")
    assert day.state == "broken"
    number = day.differences.open().count()
    assert number
    assert f"{number} difference" in page


def test_a_large_upload_is_left_to_the_worker(
    merchant: Merchant, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanforpay_django.admin.bill_file.MAX_COMPARED_AT_ONCE", 2)
    assert "the worker compares it" in upload(staff, merchant, trade_bill().getvalue()).content.decode()
    day = BillDay.objects.get()
    assert (day.compared_at, day.next_at is None) == (None, False)
