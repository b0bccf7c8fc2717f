"""What scenes are made with: a merchant's pages, and a bridge that answers as the test wants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.merchant import Merchant

# A bridge that answers with a word of the test's choosing, or never. The sandbox's own may not take its place.
BRIDGE = """
window.calls = [];
var answer = function (found) { window.done && window.done(found); };
var bridge = {
  invoke: function (name, params, done) { window.calls.push(name); window.done = done; %(then)s },
  call: function (name, params, done) { window.calls.push(name); window.done = done; %(then)s }
};
["WeixinJSBridge", "AlipayJSBridge"].forEach(function (name) {
  var get = function () { return window.noBridge ? undefined : bridge; };
  Object.defineProperty(window, name, {get: get, set: function () {}});
});
window.noBridge = %(absent)s;
"""


def bridge(then: str = "", *, absent: bool = False) -> Callable[[Page], None]:
    """Give the page a bridge that does ``then`` when it is called."""
    script = BRIDGE % {"then": then, "absent": "true" if absent else "false"}
    return lambda page: page.add_init_script(script)


SAYS_OK = (
    "setTimeout(function () { done({err_msg: 'get_brand_wcpay_request:ok', resultCode: '9000'}); }, 20);"
)
SAYS_CANCEL = (
    "setTimeout(function () { done({err_msg: 'get_brand_wcpay_request:cancel', resultCode: '6001'}); }, 20);"
)


@dataclass
class Stage:
    """What a scene is made with."""

    merchant: Merchant
    visitor: Visitor
    settings: Any
    # how the page is opened: locale, size, dark ...
    look: Mapping[str, Any] = field(default_factory=dict)
    order: Mapping[str, Any] = field(default_factory=dict)
    wallet: str = "Wechat"

    def create(self, **changes: Any) -> str:
        """A payUrl."""
        usual = {"wallet": self.wallet, "returnUrl": "https://shop.example/done", **self.order}
        return self.merchant.create(**{**usual, **changes})["payUrl"]

    def open(self, url: str, app: str = "", **options: Any) -> Page:
        """A page in this look, in the wallet's own app unless told otherwise."""
        page = self.visitor(url, app or self.wallet.lower(), **{**self.look, **options})
        page.route("https://shop.example/**", lambda route: route.fulfill(body="<h1>the shop</h1>"))
        return page

    def forgive(self, *words: str) -> None:
        """What the scene itself provokes."""
        self.visitor.forgive(*words)

    def grant(self, grants: str) -> None:
        """What the accounts may use."""
        self.merchant.store.wallet_accounts.update(grants=grants)
