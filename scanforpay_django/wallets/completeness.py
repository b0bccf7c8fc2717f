"""What a wallet's class leaves out: found when the project starts, not when a customer stands at the page."""

import re
from collections.abc import Iterator, Mapping

from scanforpay_django.conf import PRODUCTION
from scanforpay_django.money import EXPONENTS
from scanforpay_django.wallets.base import COPY_LINK, OWN_QR, WRONG_APP, Channel, Kind, Place, Wallet
from scanforpay_django.wallets.channels import DESKTOP, PHONE

_REQUIRED = ("name", "slug", "label", "app_label", "products", "credentials")
# kind -> what has to be written for it
_METHODS: Mapping[Kind, tuple[str, ...]] = {Kind.BARCODE: ("pay_by_barcode", "reverse")}
_SLUG = re.compile(r"[A-Za-z0-9_-]+")
MAX_NAME = 20


def find_gaps(key: str, backend: type[Wallet]) -> Iterator[str]:
    """What is missing or does not fit in the class under ``key`` in SCANFORPAY_WALLETS, a sentence each."""
    missing = [name for name in _REQUIRED if not hasattr(backend, name)]
    yield from (f"it sets no {name}." for name in missing)
    yield from (f"it does not write {name}()." for name in sorted(backend.__abstractmethods__))
    if missing:
        return
    if backend.name != key:
        yield f"its name is {backend.name!r}, and SCANFORPAY_WALLETS calls it {key!r}."
    if not 0 < len(backend.name) <= MAX_NAME or not _SLUG.fullmatch(backend.slug):
        yield f"its name has 1 to {MAX_NAME} characters, its slug letters, digits, - and _ only."
    yield from _find_gaps_of_products(backend)
    yield from _find_gaps_of_kinds(backend)
    yield from _find_gaps_of_routes(backend)
    if unknown := sorted(backend.currencies - set(EXPONENTS)):
        yield f"its currencies {', '.join(unknown)} are not known here."
    if backend.hosts and PRODUCTION not in backend.hosts:
        yield f"its hosts have no entry {PRODUCTION!r}."


def _find_gaps_of_products(backend: type[Wallet]) -> Iterator[str]:
    for name, product in backend.products.items():
        if product.name != name or not 0 < len(name) <= MAX_NAME:
            yield f"its product {name!r} is called {product.name!r}; both are one word of up to {MAX_NAME} characters."
        for method in _METHODS.get(product.kind, ()):
            if getattr(backend, method) is getattr(Wallet, method):
                yield f"its product {name!r} needs {method}()."
        if product.needs_payer and backend.authorize_url is Wallet.authorize_url:
            yield f"its product {name!r} needs authorize_url() and payer_from_callback()."


def _find_gaps_of_kinds(backend: type[Wallet]) -> Iterator[str]:
    if backend.get_products(Kind.BRIDGE):
        if not backend.apps:
            yield "it has products of the kind BRIDGE and no apps: no User-Agent would lead to them."
        if not backend.bridge_script.strip() or "</script" in backend.bridge_script.lower():
            yield "it has products of the kind BRIDGE and no bridge_script (JavaScript without a closing script tag)."
    if backend.get_products(Kind.BARCODE) and not (backend.barcode_pattern and backend.barcode_rule):
        yield "it has products of the kind BARCODE and no barcode_pattern and barcode_rule."
    if backend.can_refund and backend.refund is Wallet.refund:
        yield "it sets can_refund and does not write refund() and query_refund()."
    if backend.can_redirect_refunds and backend.redirect_refund is Wallet.redirect_refund:
        yield "it sets can_redirect_refunds and does not write redirect_refund()."
    if backend.lists_payments and backend.list_payments is Wallet.list_payments:
        yield "it sets lists_payments and does not write list_payments()."
    if strangers := sorted(set(backend.default_grants) - set(backend.products)):
        yield f"its default_grants name {', '.join(strangers)}, which are no products of it."


def _find_gaps_of_routes(backend: type[Wallet]) -> Iterator[str]:
    own = [Channel(place=Place.IN_APP, app=app) for app in backend.apps]
    known = {*backend.products, OWN_QR, COPY_LINK, WRONG_APP}
    for channel in (*own, PHONE, DESKTOP):
        route = backend.route(channel)
        if not route or set(route) - known:
            yield f"its route for {channel.name} is {route!r}: name products of it, OWN_QR, COPY_LINK or WRONG_APP."
