"""OpenAPI's part of the API, loaded when somebody asks for it: drf-spectacular takes 6 MB of each process.

It comes with the extra ``openapi``. Without it the document and its page say so, and DRF's own schemas leave our calls
out.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework.schemas.inspectors import ViewInspector

WITHOUT_EXTRA = """\
The API's OpenAPI document needs a package that is not installed. On the server:

    pip install "scanforpay-django[openapi]"

and restart it.
"""


class LazySchema(ViewInspector):
    """Stands for the inspector at a path, as DRF's own default does for the one of its settings."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """The inspector for one view."""
        if instance is None:
            return self
        try:
            inspector = import_string(self._path)()
        except ModuleNotFoundError as error:
            _check_is_extra(error)
            return None
        inspector.view = instance
        return inspector


def lazy_view(path: str) -> Callable[..., HttpResponse]:
    """The view at a path, which is imported with the first request for it."""

    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            found: Callable[..., HttpResponse] = import_string(path)
        except ModuleNotFoundError as error:
            _check_is_extra(error)
            return HttpResponse(WITHOUT_EXTRA, status=501, content_type="text/plain; charset=utf-8")
        return found(request, **values)

    return view


def _check_is_extra(error: ModuleNotFoundError) -> None:
    """Raise what is no lack of the extra."""
    if (error.name or "").partition(".")[0] != "drf_spectacular":
        raise error
