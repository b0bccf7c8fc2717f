"""Where each merchant of a reader stands: partner and key, store, wallet account, go live."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from scanforpay_django.models import GoLiveCheck, Partner, SignKey, Store, WalletAccount, WorkerBeat
from scanforpay_django.operations.set_up.go_live import TRIAL
from scanforpay_django.operations.staff_scope import Scope

#: of each kind on the page; the lists of admin have all
MOST_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the whole. Its page is below "admin:"; "" where none is ours."""

    title: str
    text: str
    is_done: bool
    action: str = ""
    view: str = ""
    args: tuple[Any, ...] = ()
    # who may take it
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class Places:
    """What was begun and is not finished, newest first, and all accounts."""

    partners: list[Partner] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    accounts: list[WalletAccount] = field(default_factory=list)
    # there are more accounts than are shown
    has_more: bool = False


def find_places(scope: Scope) -> Places:
    """What was begun and is not finished, read in three statements."""
    stores = Store.objects.filter(partner=OuterRef("pk"))
    accounts = WalletAccount.objects.filter(store=OuterRef("pk"))
    active = scope.narrow(Partner.objects.filter(is_active=True))
    with_store = scope.narrow(Store.objects.filter(is_active=True, partner__is_active=True))
    shown: Any = scope.narrow(WalletAccount.objects.select_related("store__partner"))
    # What is in use first, then what came last.
    rows = list(shown.order_by("-is_active", "-pk")[: MOST_SHOWN + 1])
    return Places(
        partners=list(active.filter(~Exists(stores)).order_by("-pk")[:MOST_SHOWN]),
        stores=list(
            with_store.filter(~Exists(accounts)).select_related("partner").order_by("-pk")[:MOST_SHOWN]
        ),
        accounts=rows[:MOST_SHOWN],
        has_more=len(rows) > MOST_SHOWN,
    )


def list_steps(scope: Scope) -> list[Step]:
    """In their order; the worker is the operator's. Six statements."""
    partners = scope.narrow(Partner.objects.filter(is_active=True))
    keys = scope.narrow(SignKey.objects.valid())
    partner = partners.order_by("pk").first()
    store = scope.narrow(Store.objects.filter(is_active=True)).order_by("pk").first()
    accounts = scope.narrow(WalletAccount.objects.filter(is_active=True))
    trials = scope.narrow(GoLiveCheck.objects.filter(step=TRIAL.name, state=GoLiveCheck.State.OK))
    steps = [
        Step(
            title=_("Partner and key"),
            text=_("A merchant, and what its server signs its calls with: the key is shown once."),
            is_done=partner is not None and keys.exists(),
            action=_("Add a partner"),
            # A new partner is in no scope yet.
            view="scanforpay_set_up_partner" if scope.sees_all else "",
            permission="add_partner",
        ),
        Step(
            title=_("Store"),
            text=_("Where the partner sells: its name, language, currency and time zone."),
            is_done=store is not None,
            action=_("Add a store"),
            view="scanforpay_set_up_store" if partner and scope.has_whole_partner(partner.pk) else "",
            args=(partner.pk,) if partner else (),
            permission="add_store",
        ),
        Step(
            title=_("Wallet account"),
            text=_("How the store collects: the credentials of a platform."),
            is_done=accounts.exists(),
            action=_("Add a wallet account"),
            view="scanforpay_set_up_account" if store else "",
            args=(store.pk,) if store else (),
            permission="add_walletaccount",
        ),
        Step(
            title=_("Go live"),
            text=_("What is registered at the platform, and a real payment with its refund."),
            is_done=trials.exists(),
            action=_("Open the list"),
            view="scanforpay_set_up" if store else "",
            permission="change_walletaccount",
        ),
    ]
    return [*steps, _worker_step()] if scope.sees_all else steps


def _worker_step() -> Step:
    return Step(
        title=_("Worker"),
        text=_("Delivers notifications, asks platforms, lets orders expire: manage.py scanforpay_worker."),
        is_done=any(not beat.is_late for beat in WorkerBeat.objects.lately()),  # type: ignore[attr-defined]
    )
