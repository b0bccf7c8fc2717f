"""The three, each with its customer, its platform's next attempt, and what its rows say."""

import re
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from benchmarks.compared.place import Place

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def _status(call: requests.Request, session: requests.Session) -> str:
    """What the customer, or the platform, sees."""
    try:
        return f"HTTP {session.send(session.prepare_request(call), timeout=60, allow_redirects=False).status_code}"
    except requests.ConnectionError:
        return "no answer"


class Payments:
    """django-payments with its DummyProvider, whose form is the payment."""

    name = "django-payments"
    entrance = "its form"
    again_is = "nothing comes by itself"

    def __init__(self, place: Place) -> None:
        self.place, self.session = place, requests.Session()

    def first(self, printed: str) -> str:
        """The order of the quick start."""
        return printed.strip()

    def order(self) -> str:
        number = self.place.run(
            'python manage.py shell -v 0 -c "'
            "from shop.models import Payment, Sale; "
            "p = Payment.objects.create(variant='default', description='Tea', total=21, currency='USD'); "
            'Sale.objects.create(payment=p); print(p.pk)"'
        )
        return number.strip()

    def form(self, number: str, **answers: str) -> requests.Request:
        page = self.session.get(f"{self.place.url}/pay/{number}/", timeout=60)
        token = TOKEN.findall(page.text)[0]
        data = {"csrfmiddlewaretoken": token, "fraud_status": "accept", **answers}
        return requests.Request("POST", page.url, data=data)

    def pay(self, number: str) -> str:
        return _status(self.form(number, status="confirmed", gateway_response="3ds-disabled"), self.session)

    def again(self, number: str) -> str:
        return "nothing"

    def unheard(self, number: str) -> None:
        """The customer pays, and no notification comes: not with a form, which is the payment itself."""

    def ask(self, number: str) -> str:
        """Have the platform asked."""
        return "no call for it"

    def repeat(self, number: str) -> str:
        """What has been told once is told again: the customer sends the form twice."""
        return self.pay(number)

    def payment(self, number: str) -> str:
        return str(self.place.row("SELECT status FROM shop_payment WHERE id = ?", number))

    def sale(self, number: str) -> bool:
        return bool(self.place.row("SELECT paid FROM shop_sale WHERE payment_id = ?", number))


class PaymentsByCallback(Payments):
    """The same through ``payments/process/``, where providers notify."""

    entrance = "its callback"
    again_is = "the provider calls again"

    def pay(self, number: str) -> str:
        self.begin(number)
        return self.again(number)

    def begin(self, number: str) -> None:
        """As far as the provider."""
        answers = {"status": "input", "gateway_response": "3ds-redirect", "verification_result": "confirmed"}
        _status(self.form(number, **answers), self.session)

    def unheard(self, number: str) -> None:
        """The customer pays, and no notification comes."""
        self.begin(number)

    def again(self, number: str) -> str:
        token = self.place.row("SELECT token FROM shop_payment WHERE id = ?", number)
        url = f"{self.place.url}/payments/process/{token}/?verification_result=confirmed"
        return _status(requests.Request("GET", url), requests.Session())

    def repeat(self, number: str) -> str:
        return self.again(number)


class Getpaid:
    """django-getpaid with its dummy backend; its paywall, which is not in the package, is played here."""

    name = "django-getpaid"
    entrance = "its callback"
    again_is = "the paywall calls again"

    def __init__(self, place: Place) -> None:
        self.place, self.session, self.callback = place, requests.Session(), ""

    def sign_in(self) -> None:
        """At the admin's page: the project has no other."""
        page = f"{self.place.url}/admin/login/"
        token = TOKEN.findall(self.session.get(page, timeout=60).text)[0]
        who = {"username": "buyer", "password": "buyer", "csrfmiddlewaretoken": token}
        self.session.post(page, data=who, timeout=60, headers={"Referer": page}, allow_redirects=False)

    def first(self, printed: str) -> str:
        """Also what becomes of a customer who has not signed in."""
        answer = self.choose(printed.strip())
        there = requests.get(urljoin(self.place.url, answer.headers["Location"]), timeout=60).status_code
        print(
            f"  not signed in: HTTP {answer.status_code} to {answer.headers['Location']}, which is HTTP {there}"
        )
        return printed.strip()

    def order(self) -> str:
        return self.place.run(
            'python manage.py shell -v 0 -c "from django.contrib.auth.models import User; '
            'from shop.models import Order; print(Order.objects.create(buyer=User.objects.get(), total=21).pk)"'
        ).strip()

    def pay(self, number: str) -> str:
        self.unheard(number)
        return self.again(number)

    def ask(self, number: str) -> str:
        """What the shop can do by itself."""
        self.place.run(
            'python manage.py shell -v 0 -c "from getpaid.models import Payment; '
            f'Payment.objects.get(order_id={number}).fetch_and_update_status()"'
        )
        return "the shop calls fetch_and_update_status()"

    def unheard(self, number: str) -> None:
        """The customer is at the paywall, and no notification comes."""
        self.sign_in()
        there = self.choose(number)
        if there.status_code != 302 or "/paywall/" not in there.headers["Location"]:
            raise RuntimeError(f"not at the paywall: {there.status_code} {there.text[:2000]}")
        if not self.callback:
            paywall = requests.get(there.headers["Location"], timeout=60)
            print(f"  the paywall, {urlsplit(paywall.url).path}, is HTTP {paywall.status_code}")
        self.callback = parse_qs(urlsplit(there.headers["Location"]).query)["callback"][0]

    def choose(self, number: str) -> requests.Response:
        """The order's page, and its button."""
        page = self.session.get(f"{self.place.url}/order/{number}/", timeout=60)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields["backend"] = "dummy"
        return self.session.post(
            f"{self.place.url}/payments/new/", data=fields, timeout=60, allow_redirects=False
        )

    def again(self, number: str) -> str:
        call = requests.Request("POST", self.callback, json={"new_status": "paid"})
        return _status(call, requests.Session())

    def repeat(self, number: str) -> str:
        return self.again(number)

    def payment(self, number: str) -> str:
        return str(self.place.row("SELECT status FROM getpaid_payment WHERE order_id = ?", number))

    def sale(self, number: str) -> bool:
        return bool(self.place.row("SELECT paid FROM shop_order WHERE id = ?", number))


class Ours:
    """This project with its sandbox."""

    name = "scanforpay_django"
    entrance = "its worker"
    again_is = "the worker calls again"

    def __init__(self, place: Place, *, patient: bool = False) -> None:
        self.place, self.patient, self.made = place, patient, 0

    def first(self, printed: str) -> str:
        return "A-1"

    def order(self) -> str:
        self.made += 1
        number = f"B-{self.made}"
        self.place.run(
            'python manage.py shell -v 0 -c "from scanforpay_django import checkout; '
            f"from shop.models import Sale; Sale.objects.create(number='{number}'); "
            f"checkout.create(number='{number}', amount=2100, wallet='Wechat')\""
        )
        return number

    def url_of(self, number: str) -> str:
        return self.place.run(
            'python manage.py shell -v 0 -c "from scanforpay_django import checkout; '
            f"print(checkout.get('{number}').pay_url)\""
        ).strip()

    def pay(self, number: str, options: str = "") -> str:
        self.place.run(f"python manage.py sandbox_pay {self.url_of(number)} --as wechat {options}")
        return self.work()

    def unheard(self, number: str) -> None:
        """The customer pays, and no notification comes."""
        self.place.run(f"python manage.py sandbox_pay {self.url_of(number)} --as wechat --fault notify-never")

    def ask(self, number: str) -> str:
        """The pay page and the worker ask by themselves."""
        return self.work()

    def work(self) -> str:
        ended = self.place.tried("python manage.py scanforpay_worker --once").returncode
        return "worker ends" if ended == 0 else f"worker dies ({ended})"

    def calls_left(self) -> int:
        return int(self.place.row("SELECT count(*) FROM scanforpay_handlercall WHERE state = 'pending'"))

    def again(self, number: str) -> str:
        """The next call is due after a pause, or when the dead worker's lease is over: ten minutes, not waited for."""
        if not self.patient:
            self.place.write_row(
                "UPDATE scanforpay_handlercall SET next_at = datetime('now', '-1 minute')"
                " WHERE state = 'pending' AND lease_token != ''"
            )
        started, told = time.monotonic(), ""
        while self.calls_left() and time.monotonic() - started < 700:
            told = self.work()
            time.sleep(1)
        return f"{told} after {time.monotonic() - started:.0f} s"

    def repeat(self, number: str) -> str:
        """Told twice is the payment below: the sandbox notifies as often as it is asked to."""
        time.sleep(3)
        return self.work()

    def payment(self, number: str) -> str:
        return str(self.place.row("SELECT state FROM scanforpay_order WHERE partner_order_no = ?", number))

    def sale(self, number: str) -> bool:
        return bool(self.place.row("SELECT paid FROM shop_sale WHERE number = ?", number))
