"""OpenAPI's part of the API, loaded when somebody asks for it: drf-spectacular takes 6 MB of each process."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework.schemas.inspectors import ViewInspector


class LazySchema(ViewInspector):
    """Stands for the inspector at a path, as DRF's own default does for the one of its settings."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """The inspector for one view."""
        if instance is None:
            return self
        inspector = import_string(self._path)()
        inspector.view = instance
        return inspector


def lazy_view(path: str) -> Callable[..., HttpResponse]:
    """The view at a path, which is imported with the first request for it."""

    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        found: HttpResponse = import_string(path)(request, **values)
        return found

    return view
