"""A customer's phone without a screen: opens a payUrl, pays or cancels, and tells where it would end."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin

import requests

from .models import App
from .phone import USER_COOKIE, user_agent

MOST_REDIRECTS = 10
HTTP_TIMEOUT_SECONDS = 15
POLL_SECONDS = 1.0
SETTLED_OTHERWISE = ("closed", "expired", "refunded")

_AUTHORIZE = re.compile(
    r"(.+)/(?:wechat/connect/oauth2/authorize|alipay/oauth2/publicAppAuthorize\.htm)(?:[?#].*)?"
)


class CustomerError(Exception):
    """The customer cannot go on; the text says why."""


class _PageParser(HTMLParser):
    """Finds what pay pages hold for machines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.body: dict[str, str] = {}
        self.data = ""
        self.form: dict[str, str] | None = None
        self.inputs: list[tuple[str, str]] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.body = given
        elif tag == "script" and given.get("id") == "scanforpay-data":
            self._inside = "data"
        elif tag == "form" and given.get("id") == "scanforpay-return":
            self.form, self._inside = given, "form"
        elif tag == "input" and self._inside == "form" and given.get("type") == "hidden":
            self.inputs.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "form"):
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "data":
            self.data += data


@dataclass(frozen=True, kw_only=True)
class PayPage:
    """A pay page as a machine reads it."""

    # where it is, after all redirects
    url: str
    # data-channel and data-state of its body
    channel: str
    state: str
    # the JSON of #scanforpay-data
    data: dict[str, Any]


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

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.headers.update({"User-Agent": user_agent(self.app, "en"), "Accept-Language": "en"})
        if self.user:
            known = hashlib.sha256(f"sandbox customer {self.user}".encode()).hexdigest()[:32]
            self.session.cookies.set(USER_COOKIE, known)

    def open(self, pay_url: str) -> PayPage:
        """Open ``pay_url`` in the app, through its OAuth. Raises CustomerError."""
        url = pay_url.strip().strip('"').replace("\\/", "/")
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
            raise CustomerError(f"the page answers HTTP {answer.status_code}: {_first_line(_text(answer))}")
        parser = _parse(_text(answer))
        channel, state = parser.body.get("data-channel", ""), parser.body.get("data-state", "")
        if channel != self.app.value:
            raise CustomerError(
                f"this page is for {channel or 'no app'}, not for {self.app.label} (state {state!r})"
            )
        if not parser.data:
            raise CustomerError(f"the page holds no bridge data (state {state!r}): nothing to pay here")
        page = PayPage(url=answer.url, channel=channel, state=state, data=_json(parser.data))
        if not page.data.get("kind") or not page.data.get("params"):
            raise CustomerError(f"the page starts no wallet: its state is {page.data.get('state', state)!r}")
        return page

    def use_wallet(self, page: PayPage, outcome: str) -> None:
        """Do in the wallet's sheet what ``outcome`` says: pay or cancel. Raises CustomerError."""
        if not self.sandbox:
            raise CustomerError("no redirect led to the sandbox: give its address with --sandbox")
        call = {"kind": page.data["kind"], "params": page.data["params"], "outcome": outcome}
        answer = self._request("POST", f"{self.sandbox.rstrip('/')}/wallet/pay", json=call)
        if answer.status_code != 200:
            raise CustomerError(
                f"the sandbox answers HTTP {answer.status_code}: {_first_line(_text(answer))}"
            )
        told = _json(_text(answer))
        if told.get("result") == "fail":
            raise CustomerError(f"{self.app.label} refuses: {told.get('message')}")
        done = "paid" if told.get("result") == "ok" else "cancelled"
        sheet = f"{told.get('display')} to {told.get('merchant')}, {told.get('description')}"
        self.say(f"{self.app.label}: {done} {sheet}")

    def ask_state(self, page: PayPage) -> dict[str, Any]:
        """What the server says of the order: {"state", "next"}. Raises CustomerError."""
        answer = self._get(urljoin(page.url, str(page.data.get("statusUrl", ""))), quiet=True)
        if answer.status_code != 200:
            raise CustomerError(f"the poll answers HTTP {answer.status_code}: " + _first_line(_text(answer)))
        return _json(_text(answer))

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

    def where_it_ends(self, page: PayPage, url: str) -> str:
        """Follow the way back up to the shop's door, and do not knock. Raises CustomerError."""
        answer = self._get(urljoin(page.url, url))
        if answer.is_redirect:
            return f"GET {urljoin(answer.url, answer.headers['Location'])}"
        parser = _parse(_text(answer))
        if answer.status_code != 200 or parser.form is None:
            raise CustomerError(
                f"the way back answers HTTP {answer.status_code} without a form or a redirect"
            )
        method = parser.form.get("method", "get").upper()
        return " ".join(
            [method, parser.form.get("action", ""), *(f"{name}={value}" for name, value in parser.inputs)]
        )

    def _get(self, url: str, *, quiet: bool = False) -> requests.Response:
        answer = self._request("GET", url)
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


def _text(answer: requests.Response) -> str:
    return answer.content.decode("utf-8", "replace")


def _parse(text: str) -> _PageParser:
    parser = _PageParser()
    parser.feed(text)
    parser.close()
    return parser


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CustomerError(f"not JSON: {_first_line(text)}") from error
    if not isinstance(value, dict):
        raise CustomerError(f"not a JSON object: {_first_line(text)}")
    return value


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["(empty)"])[0][:200]
