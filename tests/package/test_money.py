"""Money is integers and Decimals, in one place, and no float comes near it."""

import ast
import random
from pathlib import Path

import pytest

from scanforpay_django import money

pytestmark = pytest.mark.sqlite

PACKAGE = Path(money.__file__).parent

# Durations are numbers of seconds and may be fractions; amounts may not.
WATCHED = [
    PACKAGE / "money.py",
    PACKAGE / "signing.py",
    *(PACKAGE / "flows").glob("*.py"),
    *(PACKAGE / "wallets").glob("*.py"),
]

DURATIONS = {"max_seconds", "share"}


def floats_in(path: Path) -> list[str]:
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    allowed = {
        id(default)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if argument.arg in DURATIONS
    } | {
        id(argument.annotation)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for argument in [*node.args.args, *node.args.kwonlyargs]
        if argument.arg in DURATIONS
    }
    for node in ast.walk(tree):
        is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
        names_float = isinstance(node, ast.Name) and node.id == "float"
        divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path_or_time(node)
        if (is_float or names_float or divides) and id(node) not in allowed:
            found.append(f"{path.name}:{node.lineno}")
    return found


def _is_path_or_time(node: ast.BinOp) -> bool:
    """max_seconds / 2 is a duration."""
    return isinstance(node.left, ast.Name) and node.left.id in DURATIONS


def test_no_float_in_money_signing_flows_and_wallets() -> None:
    assert [place for path in WATCHED for place in floats_in(path)] == []


def test_the_test_finds_floats(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("def f(a: float) -> int:\n    return int(a * 1.5) + a / 2\n")
    assert len(floats_in(planted)) == 3


@pytest.mark.parametrize("currency", ["JPY", "CNY", "HKD", "KWD"])
def test_amounts_make_the_round_trip(currency: str) -> None:
    random_ = random.Random(currency)
    for _ in range(20_000):
        amount = random_.randrange(10 ** random_.randrange(1, 15))
        assert money.to_minor(money.to_major(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [("21.001", "CNY"), ("1.5", "JPY"), ("1e3", "CNY"), ("-1", "CNY"), ("", "CNY"), ("１", "CNY"), (" 1", "CNY"),
     ("1.", "CNY"), ("NaN", "CNY"), ("Infinity", "CNY"), ("1", "XXX"), ("9" * 15, "CNY")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        money.to_minor(text, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(2100, "CNY", "¥21.00"), (2100, "JPY", "¥2,100"), (2100, "HKD", "HK$21.00"), (2100, "KWD", "KWD 2.100")],
)
def test_amounts_for_people(amount: int, currency: str, shown: str) -> None:
    assert money.display(amount, currency) == shown
