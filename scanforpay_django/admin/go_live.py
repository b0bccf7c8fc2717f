"""The last step of the set-up: an account's go-live list, looked at again, confirmed, and proven by a real payment."""

from io import BytesIO
from typing import Any

import segno
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from scanforpay_django.admin.order_acts import make_staff_cause
from scanforpay_django.admin.scope import narrow
from scanforpay_django.admin.set_up import make_steps, may
from scanforpay_django.admin.set_up_account import AccountStep
from scanforpay_django.exceptions import RequestRefused, ScanForPayError
from scanforpay_django.models import GoLiveCheck, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.operations.error_text import describe_error, describe_refund_failure, describe_to_staff
from scanforpay_django.operations.set_up.check_account import check_account
from scanforpay_django.operations.set_up.go_live import (
    GoLiveList,
    Line,
    get_subject,
    name_account,
    read_list,
    read_lists,
)
from scanforpay_django.operations.set_up.live_account import CredentialsInvalid, switch_on
from scanforpay_django.operations.set_up.trial import (
    Stage,
    Trial,
    TrialRefused,
    find_trial,
    follow_trial,
    refund_trial,
    start_trial,
)
from scanforpay_django.page_address import page_address

ACTS = "change_walletaccount"
#: of the store's accounts, below the list of one
MOST_OTHERS = 20
#: the stages in which the page goes on looking by itself
LIVE = (Stage.WAITING, Stage.PAID, Stage.COMING_BACK)


def describe_go_live(request: HttpRequest, found: GoLiveList) -> dict[str, Any]:
    """What the list is drawn with, on its own page and on the account's."""
    return {
        "list": found,
        "zone": found.account.store.zone,
        "may_act": may(request, ACTS),
        "is_play": found.account.environment == WalletAccount.Environment.LOCAL_SANDBOX,
    }


class GoLivePages(AccountStep):
    """Mixed into the stores' admin."""

    def get_urls(self) -> list[Any]:
        """Below the account that it is about; a store leads to its first account."""
        here = "<int:store_pk>/go-live/<int:account_pk>/"
        views = [
            ("<int:store_pk>/go-live/", self.store_go_live_view, "_go_live_store"),
            (here, self.go_live_view, "_go_live"),
            (f"{here}check/", self.check_view, "_check"),
            (f"{here}confirm/", self.confirm_view, "_confirm"),
            (f"{here}switch-on/", self.switch_on_view, "_switch_on"),
            (f"{here}trial/", self.trial_view, "_trial"),
            (f"{here}trial/state/", self.trial_state_view, "_trial_state"),
            (f"{here}trial/code.svg", self.trial_code_view, "_trial_code"),
            (f"{here}trial/refund/", self.trial_refund_view, "_trial_refund"),
        ]
        return [*(self.set_up_path(*one) for one in views), *super().get_urls()]

    def store_go_live_view(self, request: HttpRequest, store_pk: int) -> HttpResponse:
        """The account that collects, or the newest; without one it is to be added."""
        self._check_reader(request)
        store = self.find_store(request, store_pk)
        account = store.wallet_accounts.order_by("-is_active", "-pk").first()
        if account is None:
            return HttpResponseRedirect(self.set_up_url("_account", store.pk))
        return HttpResponseRedirect(self.set_up_url("_go_live", store.pk, account.pk))

    def go_live_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """The list, as it is known."""
        self._check_reader(request)
        account = self._find_account(request, store_pk, account_pk)
        others: Any = narrow(request, WalletAccount.objects.select_related("store__partner"))
        others = others.filter(store=account.store).exclude(pk=account.pk).order_by("-is_active", "-pk")
        context = {
            "title": _("Go live: %(store)s") % {"store": account.store.name},
            "steps": make_steps("go-live"),
            **describe_go_live(request, read_list(account)),
            "store": account.store,
            "may_add_account": may(request, "add_walletaccount"),
            "lists": read_lists(
                others.select_related("store__partner").order_by("-is_active", "-pk")[:20], account.store.zone
            ),
        }
        return self.render_set_up(request, "go_live", context)

    def check_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """Look at everything again, over the network."""
        account = self._begin_act(request, store_pk, account_pk)
        check_account(account)
        found = read_list(account)
        text = _("Looked at the go-live list: %(done)d of %(all)d steps are done.") % {
            "done": found.done,
            "all": len(found.lines),
        }
        messages.add_message(request, messages.WARNING if found.failed else messages.SUCCESS, text)
        self.log_act(request, account, CHANGE, text)
        return self._return_to(account)

    def confirm_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """A person says that a step is done at the platform, or takes that back."""
        account = self._begin_act(request, store_pk, account_pk)
        line = read_list(account).find(request.POST.get("step", ""))
        if line is None or not line.may_be_confirmed:
            messages.error(request, _("This step is looked at, not confirmed."))
            return self._return_to(account)
        with atomic():
            text = self._confirm(request, account, line, withdraws="_withdraw" in request.POST)
            if text:
                self.log_act(request, account, CHANGE, text)
        return self._return_to(account)

    def _confirm(self, request: HttpRequest, account: WalletAccount, line: Line, *, withdraws: bool) -> str:
        """What was done, for the history; "" for nothing."""
        step, names = line.step, {"step": str(line.step.title)}
        if withdraws:
            done = GoLiveCheck.objects.withdraw(account, step.name)
            return _("Took the confirmation back: %(step)s") % names if done else ""
        actor, subject = request.user.get_username(), get_subject(account, step)
        done = GoLiveCheck.objects.confirm(account, step.name, actor=actor, subject=subject)
        return _("Confirmed: %(step)s") % names if done else ""

    def switch_on_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """The store collects through this account from now on."""
        account = self._begin_act(request, store_pk, account_pk)
        try:
            replaced = switch_on(account)
        except CredentialsInvalid as error:
            messages.error(request, _("The credentials are not complete: %(names)s") % {"names": str(error)})
            return self._return_to(account)
        text = _("%(account)s takes payments.") % {"account": name_account(account)}
        messages.success(request, text)
        for one in replaced:
            messages.info(request, _("%(account)s is switched off.") % {"account": one})
        self.log_act(request, account, CHANGE, text)
        return self._return_to(account)

    # -- the real payment --------------------------------------------------------------------------

    def trial_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """Its code, and how it stands; a POST makes the order."""
        if request.method == "POST":
            return self._start_trial(request, self._begin_act(request, store_pk, account_pk))
        self._check_actor(request)
        account = self._find_account(request, store_pk, account_pk)
        trial = find_trial(account)
        if trial.order is None:
            return self._return_to(account)
        context = {
            "title": _("A real payment through %(account)s") % {"account": name_account(account)},
            "account_name": name_account(account),
            "steps": make_steps("go-live"),
            "account": account,
            "store": account.store,
            **_describe_trial(trial),
            "state_url": self.set_up_url("_trial_state", store_pk, account_pk) if trial.stage in LIVE else "",
        }
        return self.render_set_up(request, "go_live_trial", context)

    def _start_trial(self, request: HttpRequest, account: WalletAccount) -> HttpResponse:
        try:
            order = start_trial(account)
        except TrialRefused as error:
            messages.error(request, str(error))
        except RequestRefused as error:
            messages.error(request, describe_error(error))
        else:
            text = _("Began a real payment: order %(number)s") % {"number": order.order_no}
            self.log_act(request, account, CHANGE, text)
            return HttpResponseRedirect(self.set_up_url("_trial", account.store_id, account.pk))
        return self._return_to(account)

    def trial_state_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """What the page asks for every few seconds: the note above the code, and which buttons apply."""
        self._check_actor(request)
        trial = follow_trial(self._find_account(request, store_pk, account_pk))
        html = render_to_string("admin/scanforpay/go_live_trial_state.html", _describe_trial(trial), request)
        answer = JsonResponse({"html": html, "stage": trial.stage, "ends": trial.stage not in LIVE})
        answer["Cache-Control"] = "private, no-store"
        return answer

    def trial_code_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """The code as SVG."""
        self._check_actor(request)
        trial = find_trial(self._find_account(request, store_pk, account_pk))
        if trial.order is None:
            raise Http404
        drawn = BytesIO()
        segno.make(page_address(trial.order.scan_token), error="m").save(
            drawn, kind="svg", scale=10, border=4
        )
        answer = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
        answer["Cache-Control"] = "private, no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def trial_refund_view(self, request: HttpRequest, store_pk: int, account_pk: int) -> HttpResponse:
        """Send it back. No other permission is asked for: it is one minor unit, of an order that was made here."""
        account = self._begin_act(request, store_pk, account_pk)
        try:
            trial = refund_trial(account, make_staff_cause(request))
        except (ScanForPayError, ImproperlyConfigured) as error:
            messages.error(request, describe_to_staff(error))
        else:
            if trial.order is not None:
                text = _("Refunded the real payment: order %(number)s") % {"number": trial.order.order_no}
                self.log_act(request, account, CHANGE, text)
        return HttpResponseRedirect(self.set_up_url("_trial", store_pk, account_pk))

    # -- what the views share ----------------------------------------------------------------------

    def _check_reader(self, request: HttpRequest) -> None:
        if not may(request, "view_walletaccount", ACTS):
            raise PermissionDenied

    def _check_actor(self, request: HttpRequest) -> None:
        if not may(request, ACTS):
            raise PermissionDenied

    def _begin_act(self, request: HttpRequest, store_pk: int, account_pk: int) -> WalletAccount:
        """A button's request. Raises PermissionDenied, Http404."""
        self._check_actor(request)
        if request.method != "POST":
            raise PermissionDenied
        return self._find_account(request, store_pk, account_pk)

    def _find_account(self, request: HttpRequest, store_pk: int, account_pk: int) -> WalletAccount:
        """Raises Http404, also for an account that is not this user's."""
        rows = WalletAccount.objects.select_related("store__partner").filter(pk=account_pk, store=store_pk)
        account = narrow(request, rows).first()
        if account is None:
            raise Http404
        return account

    def _return_to(self, account: WalletAccount) -> HttpResponse:
        return HttpResponseRedirect(self.set_up_url("_go_live", account.store_id, account.pk))


def _describe_trial(trial: Trial) -> dict[str, Any]:
    failure = (
        describe_refund_failure(trial.refund) if trial.stage is Stage.REFUND_FAILED and trial.refund else ""
    )
    return {"trial": trial, "order": trial.order, "stage": trial.stage.value, "failure": failure}
