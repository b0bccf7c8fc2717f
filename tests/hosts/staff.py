"""A member of staff with a browser: signs in, finds the order, refunds part of it."""

import re

import requests

from tests.hosts.project import PASSWORD

_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


def hidden_fields(page: str) -> dict[str, str]:
    """What a form on the page sends along."""
    found = [dict(_ATTRIBUTE.findall(one)) for one in _HIDDEN.findall(page)]
    return {one["name"]: one.get("value", "") for one in found if "name" in one}


class Staff:
    """Over HTTP, at one project's admin."""

    def __init__(self, admin: str) -> None:
        self.admin = admin
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> str:
        """A page below admin; it is there, and nobody is sent away."""
        answer = self.session.get(f"{self.admin}{path}", timeout=30)
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}\n{answer.text}"
        assert answer.url.startswith(self.admin), answer.url
        return answer.text

    def post(self, path: str, **fields: str) -> str:
        """Send the form of the page at ``path``; the page it leads to."""
        fields = {**hidden_fields(self.get(path)), **fields}
        address = f"{self.admin}{path}"
        answer = self.session.post(address, data=fields, headers={"Referer": address}, timeout=60)
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}\n{answer.text}"
        return answer.text

    def sign_in(self, name: str) -> None:
        """As a superuser, who opens the first page and is asked who it is."""
        asked = self.session.get(self.admin, timeout=30).url
        assert asked.startswith(f"{self.admin}login/?"), asked
        self.post(asked.removeprefix(self.admin), username=name, password=PASSWORD)
        assert "/login/" not in self.session.get(self.admin, timeout=30).url

    def look_around(self) -> None:
        """Pages of every kind: the overview, lists, an empty form, and those beside the lists."""
        self.get("scanforpay/")
        for page in ("", "store/", "endpoint/", "partner/add/", "walletaccount/add/", "partner/signature/",
                     "notification/desk/", "store/set-up/", "store/set-up/partner/"):  # fmt: skip
            self.get(page and f"scanforpay/{page}")

    def refund(self, amount: str) -> str:
        """Part of the only order; the order's page afterwards."""
        (key,) = set(re.findall(r"/order/(\d+)/change/", self.get("scanforpay/order/")))
        self.get(f"scanforpay/order/{key}/change/")
        return self.post(f"scanforpay/order/{key}/refund/", amount=amount, reason="a broken cup", _refund="1")
