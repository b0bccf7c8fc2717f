"""A customer's phone without a screen: opens a payUrl, pays or cancels, and says where it would end."""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import requests

from scanforpay_django.conf import conf

from .code_image import UnreadableCode, read_code
from .models import App
from .pay_page import CustomerError, PayPage, decode_answer, first_line, json_object, parse
from .phone import USER_COOKIE, user_agent

MOST_REDIRECTS = 10
HTTP_TIMEOUT_SECONDS = 30
POLL_SECONDS = 1.0
SETTLED_OTHERWISE = ("closed", "expired", "refunded")
# what the phone calls an app's bridge
BRIDGES = {App.WECHAT: "wechat_bridge", App.ALIPAY: "alipay_bridge"}
# the app with which a wallet's code is scanned, by the wallet's name in SCANFORPAY_WALLETS
SCANNERS = {
    "Wechat": App.WECHAT,
    "WechatGlobal": App.WECHAT,
    "Alipay": App.ALIPAY,
    "AlipayGlobal": App.ALIPAY,
    "AlipayHK": App.ALIPAYHK,
}
# what a pay page calls where it is open
CHANNELS = {App.WECHAT: "wechat", App.ALIPAY: "alipay", App.ALIPAYHK: "alipayhk", App.BROWSER: "mobile",
            App.DESKTOP: "desktop"}  # fmt: skip
# under which name a page's parameters may hold the wallet's address
ADDRESSES = ("url", "h5_url", "mweb_url", "href", "action")

_AUTHORIZE = re.compile(
    r"(.+)/(?:wechat(?:_global)?/connect/oauth2/authorize|alipay/oauth2/publicAppAuthorize\.htm)(?:[?#].*)?"
)


@dataclass(kw_only=True)
class Customer:
    """One person with one app open."""

    app: App
    # a name; the same name is the same person at every call, "" is somebody new
    user: str = ""
    # where the sandbox is; "" until a redirect leads there
    sandbox: str = ""
    # takes one line per step
    say: Callable[[str], None]
    session: requests.Session = field(default_factory=requests.Session)
    # the person, as the phone's cookie has it
    phone_user: str = field(init=False)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.headers.update({"User-Agent": user_agent(self.app, "en"), "Accept-Language": "en"})
        known = hashlib.sha256(f"sandbox customer {self.user}".encode()).hexdigest()[:32]
        self.phone_user = known if self.user else secrets.token_hex(16)
        self.session.cookies.set(USER_COOKIE, self.phone_user)

    def open(self, pay_url: str) -> PayPage:
        """Open ``pay_url`` in the app, through its OAuth. Raises CustomerError."""
        url = plain(pay_url)
        answer = self._get(url)
        for _ in range(MOST_REDIRECTS):
            if not answer.is_redirect:
                return self._page(answer)
            url = urldefrag(urljoin(answer.url, answer.headers["Location"])).url
            self._note_sandbox(url)
            answer = self._get(url)
        raise CustomerError(f"more than {MOST_REDIRECTS} redirects, the last one to {url}")

    def _note_sandbox(self, url: str) -> None:
        found = _AUTHORIZE.fullmatch(url)
        if found and not self.sandbox:
            self.sandbox = found.group(1)

    def _page(self, answer: requests.Response) -> PayPage:
        if answer.status_code != 200:
            raise CustomerError(
                f"the page answers HTTP {answer.status_code}: {first_line(decode_answer(answer))}"
            )
        parser = parse(decode_answer(answer))
        channel, state = parser.body.get("data-channel", ""), parser.body.get("data-state", "")
        if channel != CHANNELS[self.app]:
            raise CustomerError(
                f"this page is for {channel or 'no app'}, not for {self.app.label} (state {state!r})"
            )
        if not parser.texts["data"]:
            raise CustomerError(f"the page holds no bridge data (state {state!r}): nothing to pay here")
        data = json_object(parser.texts["data"])
        if parser.code and not data.get("kind"):
            data |= {"kind": "scan", "params": {"code": _read(parser.code)}}
        if not data.get("kind") or not data.get("params"):
            raise CustomerError(f"the page starts no wallet: its state is {data.get('state', state)!r}")
        wallet = parser.body.get("data-wallet", "")
        return PayPage(url=answer.url, channel=channel, state=state, wallet=wallet, data=data)

    def use_wallet(self, page: PayPage, outcome: str) -> dict[str, Any]:
        """Do in the wallet's sheet what ``outcome`` says: pay or cancel. Raises CustomerError."""
        if page.data["kind"] == "scan":
            return self._scan(page, outcome)
        if page.data["kind"] == "bridge":
            if not self.sandbox:
                raise CustomerError("no redirect led to the sandbox: give its address with --sandbox")
            called = {"kind": BRIDGES.get(self.app, "bridge"), "params": page.data["params"]}
            return self._press(f"{self.sandbox.rstrip('/')}/wallet/pay", called, outcome)
        answer = self._leave_for_wallet(page)
        sheet = parse(decode_answer(answer)).texts["sheet"]
        if answer.status_code != 200 or not sheet:
            raise CustomerError(
                f"the wallet's page answers HTTP {answer.status_code}: {_problem(decode_answer(answer))}"
            )
        shown = json_object(sheet)
        called = {"kind": shown["kind"], "params": shown["params"]}
        return self._press(urljoin(answer.url, str(shown["payUrl"])), called, outcome)

    def _scan(self, page: PayPage, outcome: str) -> dict[str, Any]:
        """What the code on the page leads to: the order's own page in its wallet's app, or the wallet's sheet."""
        code = str(page.data["params"]["code"])
        self.say(f"scanned: {code}")
        home = (self.sandbox or sandbox_beside(page.url)).rstrip("/")
        if _origin(code) == _origin(page.url) and not code.startswith(f"{home}/"):
            phone = self._with(SCANNERS.get(page.wallet, self.app))
            with phone.session:
                return phone.use_wallet(phone.open(code), outcome)
        called = {"kind": "scan", "params": page.data["params"]}
        return self._press(f"{home}/wallet/pay", called, outcome)

    def _with(self, app: App) -> "Customer":
        """The same person with another app open, which knows nothing of this one's cookies."""
        phone = Customer(app=app, user=self.user, sandbox=self.sandbox, say=self.say)
        phone.phone_user = self.phone_user
        phone.session.cookies.set(USER_COOKIE, self.phone_user)
        return phone

    def _leave_for_wallet(self, page: PayPage) -> requests.Response:
        """Follow the page's link or send its form, as a tap on the page does."""
        params = dict(page.data["params"])
        name = next((one for one in ADDRESSES if params.get(one)), "")
        if not name:
            raise CustomerError(f"the page's {page.data['kind']} leads nowhere: {sorted(params)}")
        url, rest = urljoin(page.url, str(params.pop(name))), params.pop("fields", params)
        origin = urlsplit(page.url)
        # strict-origin is all that a page of ours sends
        headers = {"Referer": f"{origin.scheme}://{origin.netloc}/"}
        if page.data["kind"] == "form" or name == "action":
            answer = self._request("POST", url, data=rest, headers=headers)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["Location"])
        return self._get(url, headers=headers)

    def _press(self, url: str, called: dict[str, Any], outcome: str) -> dict[str, Any]:
        answer = self._request("POST", url, json={**called, "outcome": outcome})
        if answer.status_code != 200:
            raise CustomerError(
                f"the sandbox answers HTTP {answer.status_code}: {first_line(decode_answer(answer))}"
            )
        reply = json_object(decode_answer(answer))
        if reply.get("result") == "fail":
            raise CustomerError(f"{self.app.label} refuses: {reply.get('message')}")
        done = "paid" if reply.get("result") == "ok" else "cancelled"
        sheet = f"{reply.get('display')} to {reply.get('merchant')}, {reply.get('description')}"
        self.say(f"{self.app.label}: {done} {sheet}")
        return reply

    def meet_trouble(self, fault: str, count: int) -> None:
        """Arm ``fault`` for what this customer pays. Raises CustomerError."""
        asked = {"name": fault, "count": count, "phone_user": self.phone_user}
        answer = self._request("POST", f"{self.sandbox.rstrip('/')}/faults", json=asked)
        if answer.status_code != 200:
            raise CustomerError(f"the sandbox does not know this fault: {first_line(decode_answer(answer))}")
        self.say(f"armed: {fault}")

    def ask_state(self, page: PayPage) -> dict[str, Any]:
        """What the server says of the order: {"state", "next"}. Raises CustomerError."""
        answer = self._get(urljoin(page.url, str(page.data.get("statusUrl", ""))), quiet=True)
        if answer.status_code != 200:
            raise CustomerError(
                f"the poll answers HTTP {answer.status_code}: " + first_line(decode_answer(answer))
            )
        return json_object(decode_answer(answer))

    def wait_until_paid(self, page: PayPage, timeout_seconds: float) -> dict[str, Any]:
        """Poll until the server says paid. Raises CustomerError when it says otherwise or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            status = self.ask_state(page)
            if status.get("state") == "paid":
                self.say("the server says: paid")
                return status
            if status.get("state") in SETTLED_OTHERWISE:
                raise CustomerError(f"the server says: {status['state']}")
            if time.monotonic() >= deadline:
                raise CustomerError(
                    f"after {timeout_seconds:g} s the server still says: {status.get('state')}"
                )
            time.sleep(POLL_SECONDS)

    def where_it_ends(self, page: PayPage, url: str, method: str = "GET") -> str:
        """Follow the way back up to the shop's door, and do not knock. Raises CustomerError."""
        address = urljoin(page.url, url)
        answer = self._request(method, address)
        self.say(f"{method} {address}: HTTP {answer.status_code}")
        if answer.is_redirect:
            return f"GET {urljoin(answer.url, answer.headers['Location'])}"
        parser = parse(decode_answer(answer))
        if answer.status_code != 200 or parser.form is None:
            raise CustomerError(
                f"the way back answers HTTP {answer.status_code} without a form or a redirect"
            )
        sent_by = parser.form.get("method", "get").upper()
        return " ".join(
            [sent_by, parser.form.get("action", ""), *(f"{name}={value}" for name, value in parser.inputs)]
        )

    def _get(self, url: str, *, quiet: bool = False, **extra: Any) -> requests.Response:
        answer = self._request("GET", url, **extra)
        if not quiet:
            self.say(f"GET {urldefrag(url).url}: HTTP {answer.status_code}")
        return answer

    def _request(self, method: str, url: str, **extra: Any) -> requests.Response:
        try:
            return self.session.request(
                method, url, timeout=HTTP_TIMEOUT_SECONDS, allow_redirects=False, **extra
            )
        except (requests.RequestException, ValueError) as error:
            raise CustomerError(f"{method} {url}: {error}") from error


def plain(pay_url: str) -> str:
    """A payUrl as an address: it may have been copied out of JSON."""
    return pay_url.strip().strip('"').replace("\\/", "/")


def sandbox_beside(url: str) -> str:
    """Where the sandbox is for a page at ``url``: on the page's host, unless the settings know another one."""
    own, origin = urlsplit(conf.sandbox_url), _origin(url)
    if not origin or own.netloc != urlsplit(conf.base_url).netloc:
        return conf.sandbox_url
    return f"{origin}{own.path}"


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _read(image: str) -> str:
    try:
        return read_code(image)
    except UnreadableCode as error:
        raise CustomerError(str(error)) from error


def _problem(text: str) -> str:
    found = re.search(r'<p id="sandbox-problem">(.*?)</p>', text, re.DOTALL)
    return first_line(found[1] if found else text)
