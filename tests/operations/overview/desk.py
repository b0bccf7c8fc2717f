"""The overview as staff open it."""

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from scanforpay_django.models import DailyFigure, Store

PAGE = reverse("admin:app_list", args=["scanforpay"])


def open_overview(staff: Client, **query: str) -> str:
    """Its text: tags are blanks, and one blank stands for several."""
    answer = staff.get(PAGE, query)
    assert answer.status_code == 200
    return read_text(answer.content.decode())


def read_text(page: str) -> str:
    body = page.partition('<div class="sp">')[2].partition("All lists")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def add_figure(store: Store, day: str, **columns: Any) -> DailyFigure:
    values = {"wallet": "Wechat", "currency": "CNY", **columns}
    return DailyFigure.objects.create(store=store, day=day, **values)
