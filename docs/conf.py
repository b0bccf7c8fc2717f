"""The site: these pages, which are also read on GitHub. CONTRIBUTING.md says how it is built."""

import posixpath
import re
import tomllib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import SearchEnglish

DOCS = Path(__file__).parent
_metadata = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCE: str = _metadata["urls"]["Source"]

project = "scanforpay_django"
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
exclude_patterns = ["_build", "samples"]
nitpicky = True
# the anchors that GitHub gives to headings
myst_heading_anchors = 4
# the drawings that GitHub makes of such blocks
myst_fence_as_directive = ["mermaid"]
mermaid_fullscreen = False
html_theme = "furo"
html_title = "scanforpay_django"
html_show_copyright = False
html_search_language = "en_zh"

_LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)")


class EnglishAndChineseSearch(SearchEnglish):
    """English words, and Chinese characters in pairs: no blank shows where a Chinese word ends.

    Sphinx's own Chinese search needs jieba to find Chinese words, and asks for a stemmer that it does not bring.
    """

    lang = "en_zh"
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u4e00-\u9fff]+|(?:(?![\u4e00-\u9fff])[\p{L}\p{N}_])+/gu) || []).flatMap((run) =>
    /^[\u4e00-\u9fff]{3,}$/.test(run)
      ? Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2))
      : [run],
  );
"""

    def split(self, input: str) -> list[str]:  # noqa: A002
        return [
            word
            for run in re.findall(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+", input)
            for word in (self._pairs(run) if re.match(r"[\u4e00-\u9fff]{3}", run) else [run])
        ]

    @staticmethod
    def _pairs(run: str) -> list[str]:
        return [run[at : at + 2] for at in range(len(run) - 1)]


def link_to_repository(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Links to files outside of the site, and to folders, lead to the repository."""
    folder = posixpath.dirname(docname)

    def rewrite(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", folder, link[1]))
        if path.startswith("docs/") and not (DOCS.parent / path).is_dir():
            return link[0]
        return f"]({SOURCE}/{path}"

    source[0] = _LINK.sub(rewrite, source[0])


def name_language(
    _app: Sphinx, pagename: str, _templatename: str, context: dict[str, Any], _doctree: object
) -> None:
    """Browsers and screen readers learn the language of the page, not of the site."""
    if pagename.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app: Sphinx) -> None:
    app.add_search_language(EnglishAndChineseSearch)
    app.connect("source-read", link_to_repository)
    app.connect("html-page-context", name_language)
