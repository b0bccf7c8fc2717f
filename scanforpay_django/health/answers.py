"""Answers for machines: not cached, and never with a cookie."""

from typing import Any

from django.http import HttpResponse, JsonResponse


def answer_text(
    text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8"
) -> HttpResponse:
    """Plain text."""
    return _without_cache(HttpResponse(text, status=status, content_type=content_type))


def answer_json(content: dict[str, Any], status: int) -> HttpResponse:
    """An object."""
    return _without_cache(JsonResponse(content, status=status))


def _without_cache(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response
