"""Every string that is marked for translation is in every catalogue."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "scanforpay_django"
MARKS = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
TAG = re.compile(r"""\{% translate (["'])((?:(?!\1).)+)\1(?! context)""")


class Missing(gettext.NullTranslations):
    """The fallback: a string that the catalogue has not."""

    def gettext(self, message: str) -> str:
        return ""


def _marked() -> Iterator[tuple[str, str]]:
    """File and string."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text))]) if name in MARKS:
                    yield path.name, text
    for path in sorted(PACKAGE.rglob("*.html")):
        for match in TAG.finditer(path.read_text()):
            yield path.name, match[2]


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant", "ja"])
def test_every_marked_string_is_translated(language: str) -> None:
    path = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    catalogue.add_fallback(Missing())
    marked = list(_marked())
    assert len(marked) > 500
    assert [(where, text) for where, text in marked if not catalogue.gettext(text)] == []
