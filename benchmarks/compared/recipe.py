"""What an adopter types and writes, read from the pages that tell it: the code that runs is the code that is shown."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
# quickstart.md names no file beside its blocks
OUR_FILES = ("shop/settings.py", "shop/urls.py", "shop/scanforpay.py")
LATER = "and-the-shop"


@dataclass(frozen=True)
class Block:
    """A block of code: commands, or what is added at the end of a file."""

    kind: str
    file: str
    text: str
    later: bool

    @property
    def lines(self) -> list[str]:
        """Those that count: not blank, no comment."""
        return [line for line in self.text.splitlines() if line.strip() and line.strip()[0] != "#"]


def blocks(peer: str) -> list[Block]:
    """Of one project, in the page's order."""
    section = (DOCS / "compared.md").read_text().split(f"\n## {peer}\n")[1].split("\n## ")[0]
    found = []
    for words, text in re.findall(r"^```(.*?)\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        kind, file, *rest = words.split()
        found.append(Block(kind, file, text, LATER in rest))
    return found


def our_quick_start() -> list[Block]:
    """docs/quickstart.md; its last command is the customer and the worker in one."""
    page = (DOCS / "quickstart.md").read_text()
    files = iter(OUR_FILES)
    found = []
    for kind, text in re.findall(r"^```(\w+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        file = next(files) if kind == "python" else "scanforpay_django"
        found.append(Block(kind, file, text, later=False))
    return found


def told_by(name: str) -> list[Block]:
    """The quick start, and then the shop's own order."""
    if name == "scanforpay_django":
        return [*our_quick_start(), *blocks(name)]
    return blocks(name)


def counts(told: list[Block]) -> dict[str, int]:
    """What is typed and written, in numbers."""
    code = [block for block in told if block.kind != "sh"]
    whole: dict[str, str] = {}
    for block in code:
        whole[block.file] = whole.get(block.file, "") + block.text
    models = [node for node in _top(whole.get("shop/models.py", "")) if isinstance(node, ast.ClassDef)]
    views = [
        node
        for node in _top(whole.get("shop/views.py", ""))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]
    return {
        "commands": sum(len(block.lines) for block in told if block.kind == "sh"),
        "files": len(whole),
        "lines of settings": sum(len(block.lines) for block in code if block.file == "shop/settings.py"),
        "models": len(models),
        "views": len(views),
        "templates": sum(file.endswith(".html") for file in whole),
        "URLs": whole.get("shop/urls.py", "").count("path("),
        "lines of code": sum(len(block.lines) for block in code),
    }


def _top(source: str) -> list[ast.stmt]:
    return ast.parse(source).body
