"""pg_dump and pg_restore on the database of a test."""

import os
import subprocess
from typing import Any

from django.db import connection


def run_tool(tool: str, *arguments: str) -> None:
    """A tool of PostgreSQL's on this test's database, while nobody is connected."""
    settings: dict[str, Any] = connection.settings_dict
    connection.close()
    where = ["-h", settings["HOST"], "-p", str(settings["PORT"] or 5432), "-U", settings["USER"]]
    environment = {**os.environ, "PGPASSWORD": settings["PASSWORD"] or ""}
    subprocess.run(
        [tool, *where, "-d", settings["NAME"], *arguments], check=True, env=environment, capture_output=True
    )
