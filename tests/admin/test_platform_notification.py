"""Platform notifications in the admin."""

from django.test import Client
from django.urls import reverse

from tests.merchant import Merchant
from tests.platform import WeChatNotice, give_credentials, open_payment


def test_staff_read_what_a_platform_said_and_change_nothing(merchant: Merchant, staff: Client) -> None:
    give_credentials(merchant)
    notice = WeChatNotice(open_payment(merchant, "Wechat"))
    assert notice.send().status_code == 200
    page = staff.get(reverse("admin:scanforpay_platformnotification_changelist"), {"q": notice.event_id})
    assert notice.event_id in page.content.decode()
    assert staff.get(reverse("admin:scanforpay_platformnotification_add")).status_code == 403
