"""The orders that a list shows, as a file: all of them, and nothing else."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from itertools import islice
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from scanforpay_django import clock
from scanforpay_django.admin.base import ModelAdmin
from scanforpay_django.models import Order
from scanforpay_django.models.database import non_atomic_requests
from scanforpay_django.operations.order_export import TooManyRows, csv_lines, table_rows, write_xlsx

PERMISSION = "scanforpay.export_order"
#: lines or chunks that are made in one go under ASGI
PARTS_TOGETHER = 500
CHUNK_BYTES = 65_536
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OrderExport(ModelAdmin):
    """Mixed into the orders' admin: two files of what the list is filtered to."""

    def get_urls(self) -> list[Any]:
        """The addresses of the files, beside the list."""
        views = [
            path(
                f"export/{name}/",
                non_atomic_requests(self.admin_site.admin_view(view)),
                name=f"scanforpay_order_export_{name}",
            )
            for name, view in (("csv", self.csv_view), ("xlsx", self.xlsx_view))
        ]
        return [*views, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, with its files where this user may have them."""
        extra = {**(extra_context or {}), "may_export": request.user.has_perm(PERMISSION)}
        return super().changelist_view(request, extra)

    def csv_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Line by line, while it is read."""
        return self._answer(request, "csv", self._stream_csv)

    def xlsx_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """An Excel file, which is written whole before it is sent."""
        return self._answer(request, "xlsx", self._send_xlsx)

    def _answer(
        self, request: HttpRequest, name: str, send: Callable[[HttpRequest, Any], Any]
    ) -> HttpResponse | StreamingHttpResponse:
        if not (self.has_view_permission(request) and request.user.has_perm(PERMISSION)):
            raise PermissionDenied
        wanted = request.GET.copy()
        wanted.pop(PAGE_VAR, None)
        request.GET = wanted  # type: ignore[assignment]
        try:
            rows = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return self._to_list(request, _("The filter in the address cannot be read."))
        if rows.errors:
            return self._to_list(request, " ".join(rows.errors))
        orders = rows.queryset
        try:
            answer = send(request, orders)
        except TooManyRows:
            return self._to_list(
                request,
                _("More orders than an Excel sheet has rows: choose fewer days, or take the CSV file."),
            )
        day = timezone.localtime(clock.now()).strftime("%Y-%m-%d")
        answer["Content-Disposition"] = f'attachment; filename="orders-{day}.{name}"'
        answer["Cache-Control"] = "private, no-store"
        return answer  # type: ignore[no-any-return]

    def _stream_csv(self, request: HttpRequest, orders: Any) -> StreamingHttpResponse:
        lines = in_language(csv_lines(self._counted(request, orders, "CSV")), get_language())
        return StreamingHttpResponse(streamed(request, lines), content_type="text/csv; charset=utf-8")

    def _send_xlsx(self, request: HttpRequest, orders: Any) -> StreamingHttpResponse:
        file = write_xlsx(self._counted(request, orders, "XLSX"))
        return StreamingHttpResponse(streamed(request, in_chunks(file)), content_type=XLSX)

    def _counted(self, request: HttpRequest, orders: Any, kind: str) -> Iterator[list[str]]:
        """The rows; who has read how many of them is in Django's history, also where the reader went away."""
        number = 0
        try:
            for row in table_rows(orders):
                yield row
                number += 1
        finally:
            LogEntry.objects.create(
                user_id=str(request.user.pk),
                content_type_id=ContentType.objects.get_for_model(Order).pk,
                action_flag=CHANGE,
                object_repr=f"{kind}: {number}",
                change_message=f"exported {number} orders as {kind}; filter: {request.GET.urlencode() or 'none'}",
            )

    def _to_list(self, request: HttpRequest, text: str) -> HttpResponse:
        messages.error(request, text)
        return HttpResponseRedirect(
            reverse("admin:scanforpay_order_changelist", current_app=self.admin_site.name)
        )


def streamed(request: HttpRequest, parts: Generator[Any]) -> Generator[Any] | AsyncIterator[Any]:
    """The parts of an answer as the server takes them: under ASGI Django would collect all of them in memory first."""
    return _in_thread(parts) if isinstance(request, ASGIRequest) else parts


def _take_some(parts: Iterator[Any]) -> list[Any]:
    return list(islice(parts, PARTS_TOGETHER))


async def _in_thread(parts: Generator[Any]) -> AsyncIterator[Any]:
    """Some at a time are made in a thread that may wait for the database."""
    try:
        while some := await sync_to_async(_take_some)(parts):
            for part in some:
                yield part
    finally:
        await sync_to_async(parts.close)()


def in_chunks(file: IO[bytes]) -> Generator[bytes]:
    """What is in the file, which is closed afterwards."""
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def in_language(lines: Iterator[str], language: str | None) -> Generator[str]:
    """Each line in a language: by then the request's own is over."""
    while True:
        with override(language):
            line = next(lines, None)
        if line is None:
            return
        yield line
