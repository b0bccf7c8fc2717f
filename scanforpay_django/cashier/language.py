"""The customer's language: the app's own, then the browser's, then the store's."""

import re

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

_APP_LANGUAGE = re.compile(r"\bLanguage/([A-Za-z]{2}[A-Za-z_-]*)")
_TRADITIONAL_TAGS = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def supported(tag: str) -> str | None:
    """The language of ours that serves ``tag``, None when there is none."""
    tag = tag.lower().replace("_", "-")
    if tag.startswith(_TRADITIONAL_TAGS):
        return "zh-hant"
    if tag.startswith("zh"):
        return "zh-hans"
    return next((ours for ours in ("en", "ja") if tag.split("-")[0] == ours), None)


def get_language(request: HttpRequest, default: str) -> str:
    """zh-hans, zh-hant, en or ja."""
    named = _APP_LANGUAGE.search(request.headers.get("User-Agent", ""))
    wanted = [named[1]] if named else []
    wanted += [tag for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    for tag in wanted:
        found = supported(tag)
        if found:
            return found
    return default
