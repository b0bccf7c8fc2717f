"""The search box of lists whose rows belong to an order: it takes any number that leads to the order."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scanforpay_django.admin.base import ReadOnlyAdmin
from scanforpay_django.admin.scope import get_scope
from scanforpay_django.operations.search import find_number

#: rows of the found orders that are listed
MOST = 1000


class NumberSearch(ReadOnlyAdmin):
    """The list shows the rows that have the number, and those of orders to which it leads by another row."""

    # Django shows a box where this is not empty
    search_fields = ["pk"]
    search_help_text = _(
        "One number in full, upper and lower case as it is: an order's, ours or the merchant's, or the code in its pay "
        "page's address; a payment's or refund's, ours, the merchant's or the platform's; the id of a notification. "
        "Of the merchant's order number the first six characters or more will do."
    )
    # from the list's model to the order's key
    order_path = "order"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By keys that indexes found; no row comes twice."""
        if not search_term.strip():
            return queryset, False
        found = find_number(search_term, get_scope(request))
        keys = [one.pk for one in found if one.model is self.model]
        others = {one.order_id for one in found if one.model is not self.model} - {None}
        if others:
            rows: Any = self.model.objects.filter(**{f"{self.order_path}__in": others})
            keys += rows.order_by().values_list("pk", flat=True)[:MOST]
        return queryset.filter(pk__in=keys), False
