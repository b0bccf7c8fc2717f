"""Every setting that is read is in the docs' table, and the table has no others."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scanforpay_django"


def settings_read() -> list[str]:
    """What conf reads, each once."""
    code = "".join((PACKAGE / name).read_text() for name in ("conf.py", "setting_groups.py"))
    names = re.findall(r'_read\(\s*"([A-Z_]+)"', code)
    return sorted({f"SCANFORPAY_{name}" for name in names})


def test_the_docs_table_has_a_row_for_every_setting() -> None:
    docs = (ROOT / "docs" / "set-up.md").read_text()
    assert (
        sorted(re.findall(r"^\| `(SCANFORPAY_[A-Z_]+)` \| .+ \| .+ \|$", docs, re.MULTILINE))
        == settings_read()
    )


def test_every_setting_that_the_package_names_is_read() -> None:
    named: set[str] = set()
    for path in PACKAGE.rglob("*"):
        if path.suffix in {".py", ".html", ".po"}:
            named |= set(re.findall(r"SCANFORPAY_[A-Z_]*[A-Z]", path.read_text()))
    assert named <= set(settings_read())
