"""What only some processes need is loaded by those."""

import subprocess
import sys

from rest_framework.schemas.inspectors import ViewInspector

from scanforpay_django.merchant_api.lazy_schema import LazySchema
from scanforpay_django.merchant_api.openapi import EnvelopeSchema
from scanforpay_django.merchant_api.views import CreateView
from tests.chaos.services import ROOT

SERVE = """
import sys
import django
django.setup()
from django.test import Client
assert Client().get("/api/jspay/pay/x").status_code == 404
print(*sorted({name.partition(".")[0] for name in sys.modules}))
assert Client().get("/api/schema/").status_code == 200
assert "drf_spectacular" in sys.modules
"""


def test_a_web_process_loads_neither_redis_nor_the_schema_s_library() -> None:
    command = [sys.executable, "-W", "error", "-c", SERVE]
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}
    found = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    loaded = set(found.stdout.split())
    assert "django" in loaded
    assert not loaded & {"redis", "drf_spectacular", "jsonschema", "hiredis"}


def test_a_view_has_the_inspector_for_its_own() -> None:
    one, other = CreateView(), CreateView()
    assert isinstance(one.schema, EnvelopeSchema)
    assert one.schema.view is one
    assert other.schema.view is other
    assert isinstance(CreateView.schema, LazySchema)
    assert isinstance(CreateView.schema, ViewInspector)


# A project without the extra: an import of the package fails as where it is not installed.
WITHOUT = """
import importlib.abc, sys

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("drf_spectacular", "drf_spectacular_sidecar"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from scanforpay_django.merchant_api.views import CreateView
call_command("check")
for path in ("/api/schema/", "/api/schema/page", "/api/schema/redoc.js"):
    answer = Client().get(path)
    print(answer.status_code, 'pip install "scanforpay-django[openapi]"' in answer.content.decode())
print(CreateView().schema)
"""


def test_without_the_extra_the_document_says_how_to_get_it_and_schemas_leave_the_calls_out() -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}
    command = [sys.executable, "-W", "error", "-c", WITHOUT]
    found = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[-4:] == [*["501 True"] * 3, "None"]
