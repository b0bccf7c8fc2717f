"""The guided set-up: where everybody stands, and the steps to a partner with its key, a store, a wallet account."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.admin.scope import get_scope, narrow
from scanforpay_django.admin.set_up_forms import PartnerForm, StoreForm
from scanforpay_django.conf import conf
from scanforpay_django.models import Partner, SignKey, Store
from scanforpay_django.models.database import atomic, non_atomic_requests
from scanforpay_django.operations.overview.page import find_zone
from scanforpay_django.operations.set_up.first_rows import issue_key
from scanforpay_django.operations.set_up.go_live import read_lists
from scanforpay_django.operations.set_up.places import find_places

#: the steps above each page, and the word in their addresses
STEPS = (
    ("partner", gettext_lazy("Partner and key")),
    ("store", gettext_lazy("Store")),
    ("account", gettext_lazy("Wallet account")),
    ("go-live", gettext_lazy("Go live")),
)
#: permission for one of the steps, or to see where the set-up stands
OPENS = ("view_walletaccount", "change_walletaccount", "add_partner", "add_store", "add_walletaccount")
FIRST_KEY = "1"


def may(request: HttpRequest, *codenames: str) -> bool:
    """Whether the user has one of these permissions of the app."""
    return any(request.user.has_perm(f"scanforpay.{one}") for one in codenames)


def make_steps(current: str) -> list[dict[str, Any]]:
    """The four steps, those before the current one done."""
    at = [name for name, _title in STEPS].index(current)
    return [
        {"title": title, "is_done": number < at, "is_current": number == at}
        for number, (_name, title) in enumerate(STEPS)
    ]


class SetUpPages(ModelAdmin):
    """Mixed into the stores' admin: the set-up and its first three steps."""

    def get_urls(self) -> list[Any]:
        """Before a store's own addresses."""
        views = [
            ("", self.set_up_view, ""),
            ("partner/", self.partner_view, "_partner"),
            ("partner/<int:partner_pk>/key/", self.key_view, "_key"),
            ("partner/<int:partner_pk>/store/", self.store_view, "_store"),
        ]
        return [*(self.set_up_path(*one) for one in views), *super().get_urls()]

    def set_up_path(self, place: str, view: Any, name: str) -> Any:
        """A view that opens its own transactions, for it may ask over the network."""
        wrapped = non_atomic_requests(self.admin_site.admin_view(view))
        return path(f"set-up/{place}", wrapped, name=f"scanforpay_set_up{name}")

    def set_up_view(self, request: HttpRequest) -> HttpResponse:
        """What was begun, and every account with how far it is."""
        if not may(request, *OPENS):
            raise PermissionDenied
        scope = get_scope(request)
        places = find_places(scope)
        zone = find_zone(scope)
        context = {
            "title": _("Set-up"),
            "places": places,
            "lists": read_lists(places.accounts, zone)
            if may(request, "view_walletaccount", "change_walletaccount")
            else [],
            "zone": zone,
            "may_add_partner": scope.sees_all and may(request, "add_partner"),
            "may_add_store": may(request, "add_store"),
            "may_add_account": may(request, "add_walletaccount"),
            "partners": [one for one in places.partners if scope.has_whole_partner(one.pk)],
        }
        return self.render_set_up(request, "set_up", context)

    def partner_view(self, request: HttpRequest) -> HttpResponse:
        """Step 1: a partner, and its first key, which this answer alone shows."""
        if not (get_scope(request).sees_all and may(request, "add_partner")):
            raise PermissionDenied
        form = PartnerForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            with atomic():
                partner = form.save()
                self.log_act(request, partner, ADDITION, [{"added": {}}])
            if not may(request, "add_signkey"):
                # Somebody else makes its key, and alone sees it.
                return HttpResponseRedirect(self.set_up_url(""))
            return self._show_key(request, partner)
        context = {"title": _("Set up a partner"), "steps": make_steps("partner"), "form": form}
        return self.render_set_up(request, "set_up_partner", context)

    def key_view(self, request: HttpRequest, partner_pk: int) -> HttpResponse:
        """A key for a partner that was left without one."""
        if request.method != "POST" or not may(request, "add_signkey"):
            raise PermissionDenied
        return self._show_key(request, self._find_partner(request, partner_pk))

    @sensitive_variables()
    def _show_key(self, request: HttpRequest, partner: Partner) -> HttpResponse:
        with atomic():
            # Two at once, or a form that is sent twice, make one key.
            locked = Partner.objects.select_for_update().get(pk=partner.pk)
            if SignKey.objects.not_ended().filter(partner=locked).exists():
                messages.warning(request, _("The partner has a key already; it is not shown again."))
                return HttpResponseRedirect(self.set_up_url("_store", locked.pk))
            key, secret = issue_key(locked, FIRST_KEY)
            self.log_act(request, key, ADDITION, [{"added": {}}])
        context = {
            "title": _("The sign key of %(partner)s") % {"partner": partner.name},
            "steps": make_steps("partner"),
            "partner": partner,
            "secret": secret,
            "api_url": conf.base_url + reverse("scanforpay:create").removesuffix("jspay/create"),
            "next_url": self.set_up_url("_store", partner.pk) if may(request, "add_store") else "",
        }
        return self.render_set_up(request, "set_up_key", context)

    def store_view(self, request: HttpRequest, partner_pk: int) -> HttpResponse:
        """Step 2: a store of the partner."""
        if not may(request, "add_store"):
            raise PermissionDenied
        partner = self._find_partner(request, partner_pk)
        form = StoreForm(request.POST if request.method == "POST" else None, partner=partner)
        if form.is_bound and form.is_valid():
            with atomic():
                store = form.save()
                self.log_act(request, store, ADDITION, [{"added": {}}])
            return HttpResponseRedirect(self.set_up_url("_account", store.pk))
        context = {
            "title": _("Set up a store of %(partner)s") % {"partner": partner.name},
            "steps": make_steps("store"),
            "form": form,
            "partner": partner,
            "stores": list(partner.stores.order_by("store_no")[:20]),
            "has_key": SignKey.objects.not_ended().filter(partner=partner).exists(),
            "may_add_key": may(request, "add_signkey"),
        }
        return self.render_set_up(request, "set_up_store", context)

    # -- what the pages share ----------------------------------------------------------------------

    def _find_partner(self, request: HttpRequest, pk: int) -> Partner:
        """What is made for a partner concerns all its stores. Raises Http404."""
        partner = narrow(request, Partner.objects.filter(pk=pk, is_active=True)).first()
        if partner is None or not get_scope(request).has_whole_partner(partner.pk):
            raise Http404
        return partner

    def find_store(self, request: HttpRequest, pk: int) -> Store:
        """Raises Http404, also for a store that is not this user's."""
        store = narrow(request, Store.objects.select_related("partner").filter(pk=pk)).first()
        if store is None:
            raise Http404
        return store

    def set_up_url(self, name: str, *args: Any) -> str:
        """A page of the set-up on this admin site."""
        return reverse(f"admin:scanforpay_set_up{name}", args=args, current_app=self.admin_site.name)

    def log_act(self, request: HttpRequest, row: Any, flag: int, message: Any) -> None:
        """Django's history of the row."""
        (self.log_addition if flag == ADDITION else self.log_change)(request, row, message)

    def render_set_up(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        """A page that no cache keeps: one of them holds a key."""
        request.current_app = self.admin_site.name
        known = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        response = TemplateResponse(request, f"admin/scanforpay/{name}.html", known)
        response["Cache-Control"] = "private, no-store"
        return response
