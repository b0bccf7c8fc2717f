"""How many statements a call takes, counted in this process. Import after ``django.setup()``."""

import json
import sys
import uuid
from collections.abc import Mapping

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.load import create_body, envelope

COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def count(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> int:
    """Of one call; BEGIN, COMMIT and savepoints are not counted. Raises when it fails."""
    with CaptureQueriesContext(connection) as captured:
        answer = Client().post(path, body, content_type="application/json", headers=dict(headers or {}))
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code} {answer.content[:500]!r}")
    return sum(query["sql"].lstrip().startswith(COUNTED) for query in captured)


def main() -> None:
    """``python -m benchmarks.statements PATH...``: a JSON object of the numbers of the third call of each."""
    django.setup()
    found = {}
    for path in sys.argv[1:]:
        one = f"n{uuid.uuid4().hex[:24]}"
        if path.endswith("uery"):
            count(
                "/bare/create" if path.startswith("/bare") else "/api/jspay/create",
                envelope(create_body(one)),
            )
        for _ in range(3):
            number = one if path.endswith("uery") else f"n{uuid.uuid4().hex[:24]}"
            found[path] = count(path, envelope(create_body(number)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
