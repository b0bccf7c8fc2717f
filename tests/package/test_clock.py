"""Every moment of the package is asked for in one place, and is aware."""

import ast
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import scanforpay_django
from scanforpay_django import clock

PACKAGE = Path(scanforpay_django.__file__).parent
#: the clock itself, and the module that merchants copy, which imports nothing of ours
ALLOWED = ("clock.py", "client.py")
#: what asks for the present moment, by the name before the full stop; with a moment as an argument the last two do not
NAMES = {"now": ("timezone", "datetime"), "utcnow": ("datetime",), "today": ("date", "datetime")}
OF_A_MOMENT = ("localtime", "localdate")


def asks_for_now(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and not node.args:
        return getattr(node.func, "attr", "") in OF_A_MOMENT
    if not isinstance(node, ast.Attribute):
        return False
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return owner in NAMES.get(node.attr, ())


def other_clocks(package: Path) -> Iterator[str]:
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name in ALLOWED or "migrations" in path.parts:
            continue
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for line in sorted(node.lineno for node in nodes if asks_for_now(node)):
            yield f"{name}:{line}"


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


def test_no_other_module_asks_for_the_present_moment() -> None:
    assert list(other_clocks(PACKAGE)) == []


def test_other_ways_of_asking_are_found(tmp_path: Path) -> None:
    ways = (
        "timezone.now()",
        "default=timezone.now",
        "django.utils.timezone.now()",
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "timezone.localdate()",
        "timezone.localtime(timezone=BEIJING)",
    )
    (tmp_path / "ways.py").write_text("\n".join(f"f({way})" for way in ways), encoding="utf-8")
    (tmp_path / "fine.py").write_text("timezone.localtime(row.at)\nclock.now()\n", encoding="utf-8")
    assert list(other_clocks(tmp_path)) == [f"ways.py:{line}" for line in range(1, len(ways) + 1)]
