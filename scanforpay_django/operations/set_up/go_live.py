"""An account's go-live list: what is to be done at its platform and here, and what is known of each step.

Reading it makes no call: ``check_account`` calls, and keeps what it saw.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from scanforpay_django import clock
from scanforpay_django.conf import LOCAL_SANDBOX, conf
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.models import GoLiveCheck, WalletAccount
from scanforpay_django.models.go_live_check import SUBJECT_LENGTH
from scanforpay_django.operations.set_up.registration import to_register
from scanforpay_django.wallets.base import Wallet
from scanforpay_django.wallets.go_live import Evidence, GoLiveStep, ProductTerms
from scanforpay_django.wallets.registry import find_wallet_class

#: every account's steps before and after its wallet's own
ADDRESS = GoLiveStep(
    name="address",
    title=_("Public address of this project"),
    where=_("The setting SCANFORPAY_BASE_URL; asked for as a customer's phone asks"),
    evidence=Evidence.ADDRESS,
    value="base_url",
)
NOTIFY = GoLiveStep(
    name="notify",
    title=_("Notify address"),
    where=_("Sent with every payment; let it through a firewall"),
    evidence=Evidence.NOTIFY,
    value="notify_address",
)
CONNECTION = GoLiveStep(
    name="connection",
    title=_("Credentials and keys"),
    where=_("Tried by one harmless signed call"),
    evidence=Evidence.CONNECTION,
)
TRIAL = GoLiveStep(
    name="trial",
    title=_("A real payment of the smallest amount, and its refund"),
    where=_("Scan the code with your own phone; the money goes back by one button"),
    evidence=Evidence.TRIAL,
)
#: what a person may say although we can look for it: the platform shows what we do not see yet
CONFIRMED_BY_PERSON = frozenset({Evidence.PERSON, Evidence.SIGN_IN, Evidence.PAYMENT})
#: certificates are spoken of so long before they end
WARNED_DAYS = 30
CHANGED = gettext_noop("It was looked at before something of it was changed: check again.")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step, and what is known of it. Texts are in the language that was active."""

    step: GoLiveStep
    # what is entered at the platform, "" for nothing
    value: str
    is_done: bool
    # somebody has to do something, and we saw it
    is_failed: bool
    # the look or the confirmation was about something else than what there is now
    is_outdated: bool = False
    # what we saw; "" before the first look
    seen: str = ""
    checked_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    # the order of the real payment
    order_pk: int | None = None

    @property
    def may_be_confirmed(self) -> bool:
        """Whether a person's word counts here."""
        return self.step.evidence in CONFIRMED_BY_PERSON and not self.is_failed


@dataclass(frozen=True, kw_only=True)
class GoLiveList:
    """All steps of one account, in their order."""

    account: WalletAccount
    lines: list[Line]
    # granted product -> who is granted it
    terms: list[tuple[str, ProductTerms | None]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The account as staff know it: its wallet, and the number of who collects."""
        return name_account(self.account)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(line.is_done for line in self.lines)

    @property
    def failed(self) -> list[Line]:
        """The steps that we saw fail."""
        return [line for line in self.lines if line.is_failed]

    @property
    def left(self) -> list[Line]:
        """The steps that are not done."""
        return [line for line in self.lines if not line.is_done]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left."""
        return not self.left

    @property
    def ends_soon(self) -> bool:
        """Whether a certificate ends within the days that staff are warned ahead."""
        ends_at = self.account.certificates_end_at
        return ends_at is not None and ends_at < clock.now() + timedelta(days=WARNED_DAYS)

    def find(self, name: str) -> Line | None:
        """The line of a step."""
        return next((line for line in self.lines if line.step.name == name), None)


def name_account(account: WalletAccount) -> str:
    """Its wallet and the number of who collects; without credentials as the account calls itself."""
    backend = find_wallet_class(account.wallet)
    numbers = backend.collecting_party(account.config).values() if backend else ()
    number = next((one for one in numbers if one), "")
    if backend is None or not number:
        return str(account)
    name = f"{backend.staff_label or backend.label} {number}"
    return f"{name} ({account.name})" if account.name else name


def list_steps(account: WalletAccount) -> list[GoLiveStep]:
    """The steps of an account. At the sandbox on this machine nothing has to be registered."""
    backend = find_wallet_class(account.wallet)
    if backend is None or account.environment == LOCAL_SANDBOX:
        return [NOTIFY, CONNECTION, TRIAL]
    granted = _get_granted(account, backend)
    asked = backend.addresses_to_register(account.config)
    credentials = {one.name for one in backend.credentials}
    own = [
        step
        for step in backend.go_live_steps
        if (not step.products or step.products & granted)
        and (step.value in asked or step.value in {"", "products"} | credentials)
    ]
    return [ADDRESS, *own, NOTIFY, CONNECTION, TRIAL]


def get_notify_address(account: WalletAccount) -> str:
    """Where the platform notifies us of this account's payments; "" where its wallet is not configured any more."""
    backend = find_wallet_class(account.wallet)
    if backend is None:
        return ""
    return conf.base_url + reverse("scanforpay:platform-notify", args=[backend.slug, account.public_id])


def get_value(account: WalletAccount, step: GoLiveStep) -> str:
    """What is entered, or looked for, in this step."""
    if step.value == "base_url":
        return conf.base_url
    if step.value == "notify_address":
        return get_notify_address(account)
    if step.value == "products":
        return " · ".join(label for label, _terms in list_terms(account))
    registered = to_register(account)
    return registered.get(step.value) or str(account.config.get(step.value, ""))


def list_terms(account: WalletAccount) -> list[tuple[str, ProductTerms | None]]:
    """The granted products of an account by their labels, each with who is granted it; None where that is not known."""
    backend = find_wallet_class(account.wallet)
    if backend is None:
        return []
    granted = _get_granted(account, backend)
    products = [one for name, one in backend.products.items() if name in granted]
    return [(str(one.label), backend.product_terms.get(one.name)) for one in products]


def _get_granted(account: WalletAccount, backend: type[Wallet]) -> frozenset[str]:
    return ConfiguredWallet(account=account, backend=backend).granted


def get_subject(account: WalletAccount, step: GoLiveStep) -> str:
    """A digest of what the step is about: with other keys, another merchant or another address it is done anew."""
    backend = find_wallet_class(account.wallet)
    # Products have labels in the reader's language, and names.
    is_products = step.value == "products"
    value = "" if is_products else get_value(account, step)
    about: list[Any] = [step.name, account.environment, urlsplit(conf.base_url).netloc, value]
    about += sorted(_get_granted(account, backend)) if backend and is_products else []
    about += sorted(backend.collecting_party(account.config).items()) if backend else []
    if step.evidence is Evidence.CONNECTION:
        about += [account.config, account.secrets_ciphertext]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:SUBJECT_LENGTH]


def make_list(account: WalletAccount, checks: Mapping[str, GoLiveCheck], zone: tzinfo) -> GoLiveList:
    """The list as it is known. ``checks``: the account's rows by step; ``zone``: for moments in texts."""
    steps = list_steps(account)
    lines = [_make_line(account, step, checks.get(step.name), zone) for step in steps]
    return GoLiveList(account=account, lines=lines, terms=list_terms(account))


def read_lists(accounts: Iterable[WalletAccount], zone: tzinfo) -> list[GoLiveList]:
    """The lists of several accounts: one statement."""
    rows = list(accounts)
    found: dict[int, dict[str, GoLiveCheck]] = {}
    checks: Any = GoLiveCheck.objects.filter(account__in=rows).order_by()
    for check in checks:
        found.setdefault(check.account_id, {})[check.step] = check
    return [make_list(account, found.get(account.pk, {}), zone) for account in rows]


def read_list(account: WalletAccount) -> GoLiveList:
    """The list of one account, in its store's time zone."""
    return read_lists([account], account.store.zone)[0]


def _make_line(account: WalletAccount, step: GoLiveStep, check: GoLiveCheck | None, zone: tzinfo) -> Line:
    value = get_value(account, step)
    if check is None:
        return Line(step=step, value=value, is_done=False, is_failed=False)
    subject = get_subject(account, step)
    is_seen = check.checked_at is not None and check.subject == subject
    is_confirmed = check.confirmed_at is not None and check.confirmed_subject == subject
    is_failed = is_seen and check.state == GoLiveCheck.State.FAILED
    is_done = not is_failed and (is_confirmed or (is_seen and check.state == GoLiveCheck.State.OK))
    is_outdated = not (is_seen or is_confirmed) and bool(check.checked_at or check.confirmed_at)
    return Line(
        step=step,
        value=value,
        is_done=is_done,
        is_failed=is_failed,
        is_outdated=is_outdated,
        seen=gettext(CHANGED) if is_outdated else describe_seen(check, zone) if is_seen else "",
        checked_at=check.checked_at if is_seen else None,
        confirmed_by=check.confirmed_by if is_confirmed else "",
        confirmed_at=check.confirmed_at if is_confirmed else None,
        order_pk=check.order_pk,
    )


def describe_seen(check: GoLiveCheck, zone: tzinfo) -> str:
    """What was seen, in the language that is active; moments among its parts are shown in ``zone``."""
    parts = dict(check.details)
    for name, value in parts.items():
        if name.endswith("_at") and value:
            parts[name] = f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    text = gettext(check.seen) if check.seen else ""
    try:
        return text % parts if parts else text
    except (KeyError, ValueError, TypeError):
        # Of another version of this package, whose parts had other names.
        return text
