"""Beancount's own program, which is not ours, reads an export of the ledger."""

import subprocess
import sys
from pathlib import Path


def bean_check(path: Path, text: str) -> str:
    """What it says; "" when all is well."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == (said == ""), said
    return said
