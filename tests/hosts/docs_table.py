"""docs/hosts.md's table, made from the rows."""

from pathlib import Path

from tests.hosts.host import Host
from tests.hosts.table import HOSTS

DOCS = Path(__file__).parents[2] / "docs" / "hosts.md"
HEAD = "| project | what is special | Django | Python | server | database | opened in |"
WORDS = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB",
    "wechat": "WeChat",
    "alipay": "Alipay",
}


def row(host: Host) -> str:
    """One project."""
    cells = [
        host.name, host.words, host.environment.django, host.environment.python, host.server,
        WORDS.get(host.database, host.database), WORDS[host.pays_as],
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def write_table(page: str) -> str:
    """The page with its table made anew; what stands around it stays."""
    before, head, after = page.partition(HEAD)
    _old, blank, rest = after.partition("\n\n")
    lines = [head, "|---|---|---|---|---|---|---|", *map(row, HOSTS)]
    return before + "\n".join(lines) + blank + rest
