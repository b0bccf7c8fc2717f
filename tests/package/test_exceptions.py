"""The errors that merchants see."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scanforpay_django.codes import REFUSALS, Code
from scanforpay_django.exceptions import ScanForPayError

ROOT = Path(__file__).parents[2]


def exceptions(kind: type[ScanForPayError] = ScanForPayError) -> Iterator[type[ScanForPayError]]:
    """The whole tree."""
    yield kind
    for child in kind.__subclasses__():
        yield from exceptions(child)


def raised_names() -> set[str]:
    """Every name in a raise statement or a return, and every name that is called."""
    found = set()
    for path in (ROOT / "scanforpay_django").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            inside = node.func if isinstance(node, ast.Call) else node
            if isinstance(node, ast.Call | ast.Raise | ast.Return):
                found |= {one.id for one in ast.walk(inside) if isinstance(one, ast.Name)}
    return found


def test_every_code_has_an_exception_that_is_raised() -> None:
    raised = raised_names()
    codes = {kind.code for kind in exceptions() if kind.__name__ in raised}
    assert codes == set(REFUSALS)
    assert all(isinstance(kind.code, Code) for kind in exceptions())
