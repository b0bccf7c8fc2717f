"""docs/sandbox-clients.md: what each client did at the sandbox, one row for each of its modes, written by the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox.sdks.table import Sdk

PAGE = Path(__file__).parents[3] / "docs" / "sandbox-clients.md"
#: the columns of the two tables in the page, in the order in which they stand there
WECHAT = (
    "native", "jsapi", "h5", "app", "codepay", "pay", "notification", "query", "query by id", "close", "reverse",
    "refund", "refund query", "refund notification", "bill", "refusal", "forgery",
)  # fmt: skip
ALIPAY = (
    "precreate", "create", "wap", "barcode", "pay", "notification", "query", "close", "cancel", "refund",
    "refund query", "refund notification", "bill", "sign-in", "refusal", "forgery",
)  # fmt: skip
COLUMNS = {
    "wechatpayv3": WECHAT, "wechatpay-axios-plugin": WECHAT, "wechatpay-node-v3": WECHAT,
    "alipay-sdk": ALIPAY, "alipay-sdk-python": ALIPAY, "python-alipay-sdk": ALIPAY,
}  # fmt: skip
WORKS, HAS_NONE = "✓", "–"


@dataclass(kw_only=True)
class Row:
    """One client in one mode."""

    sdk: Sdk
    mode: str
    cells: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def cell(self, column: str) -> Iterator[None]:
        """What is done inside is this column's proof: when it raises, the test fails and there is no row."""
        assert column in COLUMNS[self.sdk.name], column
        yield
        self.cells[column] = WORKS

    @property
    def start(self) -> str:
        """How the row's line begins, whatever its cells are."""
        return f"| {self.sdk.name} {self.sdk.version} | {self.mode} |"

    def line(self) -> str:
        """The row as the page has it."""
        cells = [self.cells.get(column, HAS_NONE) for column in COLUMNS[self.sdk.name]]
        return f"{self.start} {' | '.join(cells)} |"

    def finish(self, *, write: bool) -> None:
        """Hold the row against the page, or write it there."""
        if not self.cells:
            return
        if write:
            _write(self)
        assert self.line() in PAGE.read_text(encoding="utf-8").splitlines(), (
            f"docs/sandbox-clients.md is out of date, run with --write-matrix: {self.line()}"
        )


def head(columns: tuple[str, ...]) -> str:
    """The first two lines of a table."""
    names = " | ".join(["client", "mode", *columns])
    return f"| {names} |\n|{'---|' * (len(columns) + 2)}"


def tables() -> dict[tuple[str, ...], list[str]]:
    """The rows that the page has, by the columns of their table."""
    found: dict[tuple[str, ...], list[str]] = {}
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for columns in (WECHAT, ALIPAY):
        start = lines.index(head(columns).splitlines()[0]) + 2
        end = next(
            number for number in range(start, len(lines) + 1) if not "".join(lines[number:][:1]).strip()
        )
        found[columns] = lines[start:end]
    return found


def _write(row: Row) -> None:
    """The row in place of the one of the same client and mode, or below its table's last one."""
    columns = COLUMNS[row.sdk.name]
    before = tables()[columns]
    after = [row.line() if _names(line) == (row.sdk.name, row.mode) else line for line in before]
    after = after if row.line() in after else [*before, row.line()]
    text = PAGE.read_text(encoding="utf-8")
    old, new = ("\n".join([head(columns), *rows]) + "\n" for rows in (before, after))
    PAGE.write_text(text.replace(old, new), encoding="utf-8")


def _names(line: str) -> tuple[str, str]:
    """Client and mode of a row."""
    client, mode = (cell.strip() for cell in line.split("|")[1:3])
    return client.partition(" ")[0], mode
