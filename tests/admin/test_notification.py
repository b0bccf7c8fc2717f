"""Notifications in the admin, and sending them again."""

from django.contrib.auth import get_user_model
from django.test import Client

from scanforpay_django.models import Notification
from tests.admin.pages import url
from tests.merchant import Merchant


def test_send_again_from_the_list_and_from_the_page(busy: Merchant, staff: Client) -> None:
    notification = Notification.objects.get()
    Notification.objects.update(state="exhausted", attempt_count=19)
    action = {"action": "send_selected_again", "_selected_action": [notification.pk]}
    assert (
        "will be resent" in staff.post(url(Notification, "changelist"), action, follow=True).content.decode()
    )
    notification.refresh_from_db()
    assert (notification.state, notification.schedule_start) == ("pending", 19)
    Notification.objects.update(state="delivered")
    staff.post(url(Notification, "change", notification.pk), {"_send_again": "1"})
    notification.refresh_from_db()
    assert notification.state == "pending"


def test_who_may_only_look_may_not_send_again(busy: Merchant, client: Client) -> None:
    user = get_user_model().objects.create_user("viewer", is_staff=True)
    from django.contrib.auth.models import Permission

    user.user_permissions.add(Permission.objects.get(codename="view_notification"))
    client.force_login(user)
    Notification.objects.update(state="exhausted")
    client.post(url(Notification, "change", Notification.objects.get().pk), {"_send_again": "1"})
    action = {"action": "send_selected_again", "_selected_action": [Notification.objects.get().pk]}
    client.post(url(Notification, "changelist"), action)
    assert Notification.objects.get().state == "exhausted"
