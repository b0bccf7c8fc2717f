"""Lists of tables with millions of rows: nothing is counted, and nothing is sorted but by the key."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

#: pages that are offered after the present one
PAGES_AHEAD = 10
#: the last page that can be opened; the database passes over all rows before it
MAX_PAGE = 1000


class NearPages(AnyPaginator):
    """Looks for the keys of the present page and of ten more, and knows whether there is anything after them."""

    def __init__(self, rows: Any, per_page: int, page_number: int, **options: Any) -> None:
        super().__init__(rows, per_page, **options)
        self._start = (page_number - 1) * self.per_page

    @cached_property
    def _found(self) -> int:
        most = PAGES_AHEAD * self.per_page
        rows: Any = self.object_list
        keys = rows.values_list("pk", flat=True)[self._start : self._start + most + 1]
        return len(keys)

    @cached_property
    def count(self) -> int:
        """Rows that are known to be there: all, unless there are more. Raises IncorrectLookupParameters for a page
        after the last.
        """
        if self._start and not self._found:
            raise IncorrectLookupParameters
        return self._start + min(self._found, PAGES_AHEAD * self.per_page)

    @property
    def has_more(self) -> bool:
        """Whether there are more rows than ``count``."""
        return self._found > PAGES_AHEAD * self.per_page


def read_page_number(request: HttpRequest) -> int:
    """The page that is asked for, from 1 on. Raises IncorrectLookupParameters for one that is too far away."""
    try:
        number = int(request.GET.get(PAGE_VAR, 1))
    except ValueError:
        return 1
    if number > MAX_PAGE:
        raise IncorrectLookupParameters
    return max(number, 1)


class NewestFirst(ChangeList):
    """A sort by any other column would read all rows, whatever stands in the address."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """By the key, which is in the order of time."""
        return ["-pk"]


class LargeList:
    """For admins of tables with millions of rows."""

    sortable_by: Any = ()

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """A list that is newest first, by the key."""
        return NewestFirst
