"""A customer's phone over HTTP: cookies, User-Agents, the page's data, the wallet's sheet."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import requests

WECHAT_UA = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN"
)
ALIPAY_UA = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 "
    "Nebula AlipayDefined(nt:WIFI,ws:390|780|3.0) AliApp(AP/10.6.10.9000) AlipayClient/10.6.10.9000 Language/zh-Hans"
)
DESKTOP_UA = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
MOBILE_UA = DESKTOP_UA.replace("X11; Linux x86_64", "Linux; Android 14; Pixel 8").replace(
    "Safari/", "Mobile Safari/"
)
USER_AGENTS = {"mobile": MOBILE_UA, "wechat": WECHAT_UA, "alipay": ALIPAY_UA, "desktop": DESKTOP_UA}


@dataclass
class Page:
    """An answer, read."""

    status: int
    url: str
    html: str
    headers: dict[str, str]

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script would read."""
        found = re.search(
            r'<script id="scanforpay-data" type="application/json">(.*?)</script>', self.html, re.DOTALL
        )
        return json.loads(found[1]) if found else {}

    def attribute(self, name: str) -> str:
        """A data- attribute of the body."""
        found = re.search(rf'<body[^>]* data-{name}="([^"]*)"', self.html)
        return found[1] if found else ""


@dataclass
class Phone:
    """One browser."""

    app: str
    root: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.headers["User-Agent"] = USER_AGENTS[self.app]

    def open(self, url: str, **kwargs: Any) -> Page:
        """GET with redirects."""
        return self._read(
            self.session.get(url if url.startswith("http") else self.root + url, timeout=20, **kwargs)
        )

    def post(self, url: str, **kwargs: Any) -> Page:
        """POST with redirects."""
        return self._read(self.session.post(self.root + url, timeout=20, **kwargs))

    def confirm(self, page: Page, outcome: str = "pay") -> dict[str, Any]:
        """Press a button in the wallet's sheet."""
        # The phone has a bridge for each app; the page names none: it calls the one that is there.
        kind = f"{self.app}_bridge" if page.data["kind"] == "bridge" else page.data["kind"]
        body = {"kind": kind, "params": page.data["params"], "outcome": outcome}
        return self.session.post(self.root + "/sandbox/wallet/pay", json=body, timeout=20).json()

    def status(self, page: Page) -> dict[str, Any]:
        """Ask our server."""
        return self.session.get(self.root + page.data["statusUrl"], timeout=20).json()

    def close(self) -> None:
        """Free the connections."""
        self.session.close()

    @staticmethod
    def _read(answer: requests.Response) -> Page:
        return Page(status=answer.status_code, url=answer.url, html=answer.text, headers=dict(answer.headers))
