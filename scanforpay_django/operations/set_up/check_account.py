"""Looking at every step of an account's go-live list that can be looked at, and keeping what was seen."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils.translation import gettext_noop

from scanforpay_django import clock
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.flows.configured_wallet import ConfiguredWallet, configure
from scanforpay_django.models import GoLiveCheck, OAuthState, Payment, StepResult, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.connection_test import test_connection
from scanforpay_django.operations.set_up.go_live import (
    CONNECTION,
    get_notify_address,
    get_subject,
    list_steps,
)
from scanforpay_django.operations.set_up.look import Sight, look_at_address, look_at_notify, look_for_file
from scanforpay_django.operations.set_up.registration import to_register
from scanforpay_django.operations.set_up.trial import follow_trial
from scanforpay_django.wallets.go_live import Evidence, GoLiveStep

#: what customers did longer ago says little of how things are
EVIDENCE_LASTS = timedelta(days=30)

OTHER_ENTERED = gettext_noop("Entered with the account is %(entered)s: this project needs %(wanted)s.")
SIGNED_IN = gettext_noop("A customer came back from the sign-in at %(seen_at)s.")
NOBODY_SIGNED_IN = gettext_noop("Seen with the first customer who signs in.")
PAID_THERE = gettext_noop("A customer paid this way at %(seen_at)s.")
NOBODY_PAID = gettext_noop("Seen with the first payment that is made this way.")
CERTIFICATE_ENDS = gettext_noop("The platform accepts a signed call. A certificate ends at %(ends_at)s.")

_Look = Callable[[], Sight]


def check_account(account: WalletAccount) -> None:
    """Look at everything, keep it, and go on with what is left of a real payment. Call it outside a transaction: it
    asks over the network, all at once, for at most some twenty seconds.
    """
    began_at = clock.now()
    looks = list(_find_looks(account))
    with ThreadPoolExecutor(max_workers=4) as pool:
        asked = [
            (step, pool.submit(_look_in_thread, look)) for step, look in looks if step.evidence not in _ROWS
        ]
        read = [(step, look()) for step, look in looks if step.evidence in _ROWS]
        seen = [*read, *((step, future.result()) for step, future in asked)]
    with atomic():
        GoLiveCheck.objects.record(account, [_keep(account, step, sight) for step, sight in seen], began_at)
    follow_trial(account)


def _look_in_thread(look: _Look) -> Sight:
    """A call to a platform may write down what was counted: the thread's connection to the database ends with it."""
    try:
        return look()
    finally:
        connections.close_all()


#: evidence that our own rows hold
_ROWS = frozenset({Evidence.SIGN_IN, Evidence.PAYMENT})


def _keep(account: WalletAccount, step: GoLiveStep, sight: Sight) -> StepResult:
    states = GoLiveCheck.State
    state = states.OK if sight.is_right else states.UNKNOWN if sight.is_unknown else states.FAILED
    subject = get_subject(account, step)
    return StepResult(
        step=step.name, state=state, seen=sight.text, details=dict(sight.details), subject=subject
    )


def _find_looks(account: WalletAccount) -> Iterator[tuple[GoLiveStep, _Look]]:
    """What is looked at, and how. Without a usable wallet only the connection is, which says why."""
    try:
        configured = configure(account)
        wallet = configured.wallet
    except (ScanForPayError, ValueError, KeyError, ImproperlyConfigured):
        for step in list_steps(account):
            if step.evidence is Evidence.CONNECTION:
                yield step, lambda: _look_at_connection(account)
        return
    address = get_notify_address(account)
    for step in list_steps(account):
        match step.evidence:
            case Evidence.ADDRESS:
                yield step, lambda: look_at_address(address)
            case Evidence.NOTIFY:
                yield step, lambda: look_at_notify(address, wallet)
            case Evidence.CONNECTION:
                yield step, lambda: _look_at_connection(account)
            case Evidence.DOMAIN_FILE:
                name = str(account.config.get(step.value, ""))
                yield step, lambda name=name: look_for_file(name, configured.backend)  # type: ignore[misc]
            case Evidence.SIGN_IN | Evidence.PAYMENT:
                yield step, lambda step=step: _look_at_rows(configured, step)  # type: ignore[misc]


def check_connection(account: WalletAccount) -> bool:
    """Test it, and keep what came of it. Call it outside a transaction."""
    works, text = test_connection(account)
    keep_connection(account, works, text)
    return works


def keep_connection(account: WalletAccount, works: bool, text: str) -> None:
    """What ``test_connection`` has said a moment ago of the account as it is stored."""
    sight = _describe_connection(account, works, text)
    with atomic():
        GoLiveCheck.objects.record(account, [_keep(account, CONNECTION, sight)], clock.now())


def _look_at_connection(account: WalletAccount) -> Sight:
    return _describe_connection(account, *test_connection(account))


def _describe_connection(account: WalletAccount, works: bool, text: str) -> Sight:
    ends_at = account.certificates_end_at
    if works and ends_at:
        return Sight(text=CERTIFICATE_ENDS, is_right=True, details={"ends_at": ends_at.isoformat()})
    return Sight(text=text, is_right=works)


def _look_at_rows(configured: ConfiguredWallet, step: GoLiveStep) -> Sight:
    """What customers did, else what staff entered as registered."""
    if other := _find_other_entry(configured.account, step):
        return other
    since = clock.now() - EVIDENCE_LASTS
    if step.evidence is Evidence.SIGN_IN:
        signed_in = OAuthState.objects.filter(account=configured.account, used_at__gte=since)
        seen_at = signed_in.exclude(payer_id="").order_by("-pk").values_list("used_at", flat=True).first()
        done, awaited = SIGNED_IN, NOBODY_SIGNED_IN
    else:
        paid = Payment.objects.filter(account=configured.account, product__in=step.products)
        paid = paid.filter(state=Payment.State.PAID, paid_at__gte=since).order_by()
        seen_at = paid.values_list("paid_at", flat=True).first()
        done, awaited = PAID_THERE, NOBODY_PAID
    if seen_at is None:
        return Sight(text=awaited, is_right=False, is_unknown=True)
    return Sight(text=done, is_right=True, details={"seen_at": seen_at.isoformat()})


def _find_other_entry(account: WalletAccount, step: GoLiveStep) -> Sight | None:
    """Staff keep with an account what they entered at the platform: compared to the letter, as platforms do."""
    entered = str(account.config.get(step.value, "")).split()
    wanted = to_register(account).get(step.value, "")
    is_directory = wanted.endswith("/")
    fits = any(wanted.startswith(one) if is_directory else wanted == one.lower() for one in entered)
    if not entered or fits:
        return None
    details: dict[str, str | int] = {"entered": " ".join(entered), "wanted": wanted}
    return Sight(text=OTHER_ENTERED, is_right=False, details=details)
