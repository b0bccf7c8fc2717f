"""docs/ as a site: every page is in its contents, every link leads somewhere, Chinese pages follow the English ones."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
NAMES = [page.relative_to(DOCS).as_posix() for page in PAGES]
TRANSLATED = [page.name for page in PAGES if page.parent.name == "zh"]
#: a page of which one part was translated: the part's heading, and the heading after it
PARTS = {"set-up.md": ("## Partners, stores, accounts\n", "## The sandbox\n")}
#: code with an English word to be put in
TRANSLATED_CODE = re.compile("<base URL>")
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE_IN_LINE = re.compile(r"`[^`]+`")


def read_prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def read_links(page: Path) -> list[str]:
    """Targets that are no address of another site."""
    return re.findall(r"\]\((?![a-z]+:)([^)\s]+)\)", CODE_IN_LINE.sub("", read_prose(page)))


def make_anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", read_prose(page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in plain}


def is_there(page: Path, link: str) -> bool:
    path, _hash, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in make_anchors(target))


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    links = [(page, link) for page in PAGES for link in read_links(page)]
    assert len(links) > 100
    assert [f"{page.name}: {link}" for page, link in links if not is_there(page, link)] == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# On `this` page: a heading\n\n[a](#on-this-page-a-heading) [b](#other) [c](other.md)\n")
    assert read_links(page) == ["#on-this-page-a-heading", "#other", "other.md"]
    assert [is_there(page, link) for link in read_links(page)] == [True, False, False]


def test_every_page_is_in_the_contents_once() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.MULTILINE | re.DOTALL)
    listed = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    assert sorted(f"{name}.md" for name in listed) == [name for name in NAMES if name != "index.md"]


def read_english(name: str) -> str:
    """The English page of a Chinese one, or the part of it that was translated."""
    text = (DOCS / name).read_text(encoding="utf-8")
    if name in PARTS:
        first, after = PARTS[name]
        text = "# The page's title\n\n" + first + text.partition(first)[2].partition(after)[0]
    return text


def test_chinese_pages_have_the_code_headings_and_pictures_of_the_english_ones() -> None:
    assert {"quickstart.md", "set-up.md", "desk.md", "counter.md"} <= set(TRANSLATED)
    for name in set(TRANSLATED) - {"index.md"}:
        chinese, english = (DOCS / "zh" / name).read_text(encoding="utf-8"), read_english(name)
        assert BLOCK.findall(chinese) == BLOCK.findall(english), name
        for mark in (r"^#+ ", r"!\[\]\((?:\.\./)?([^)]+)\)"):
            here, there = (re.findall(mark, BLOCK.sub("", text), re.MULTILINE) for text in (chinese, english))
            assert here == there, name


def test_chinese_pages_name_what_the_english_ones_name() -> None:
    """Commands, settings, permissions and ids of checks in the text, in any sequence."""
    for name in set(TRANSLATED) - {"index.md"}:
        chinese, english = (
            set(CODE_IN_LINE.findall(BLOCK.sub("", text)))
            for text in ((DOCS / "zh" / name).read_text(encoding="utf-8"), read_english(name))
        )
        assert {one for one in english if not TRANSLATED_CODE.search(one)} <= chinese, name


def test_each_language_leads_to_the_other_above_its_text() -> None:
    for name in TRANSLATED:
        chinese, english = (DOCS / "zh" / name).read_text(encoding="utf-8"), read_english(name)
        assert re.match(rf"# .+\n\n\[English\]\(\.\./{name}(#[\w-]+)?\)\n", chinese), name
        assert f"[简体中文](zh/{name})" in "\n\n".join(english.split("\n\n")[:3]), name


def test_the_lint_builds_the_site_as_contributing_says() -> None:
    (line,) = re.findall(r"^    (sphinx-build .+)$", (ROOT / "tox.ini").read_text(), re.MULTILINE)
    assert f".venv/bin/{line}\n" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {"-W", "-n", "-E"} <= set(line.split())
