"""The alert rules and the dashboard ask for figures that there are, and the runbook says what to do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from scanforpay_django.models import Endpoint, WorkerBeat
from tests.merchant import Merchant, new_order

ROOT = Path(__file__).parents[2]
RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
QUERIES = [
    *(rule["expr"] for rule in RULES),
    *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]),
]


@pytest.fixture
def exposed(merchant: Merchant, settings: Any) -> str:
    """What /metrics says when there is something of each."""
    settings.SCANFORPAY_METRICS_TOKEN = "t"
    settings.ROOT_URLCONF = "tests.health.urls"
    new_order(merchant)
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    Endpoint.objects.create(
        partner=merchant.partner, key="10001 https://a.example", origin="https://a.example"
    )
    return Client().get("/metrics", headers={"authorization": "Bearer t"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("query", sorted(set(QUERIES)))
def test_every_figure_and_label_is_there(exposed: str, query: str) -> None:
    families = dict(re.findall(r"^# HELP (scanforpay_\w+) (.*)$", exposed, re.MULTILINE))
    used = set(re.findall(r"scanforpay_\w+", query))
    assert used
    assert used <= set(families)


def test_every_panel_names_a_label_that_it_has() -> None:
    """By the table of docs/monitoring.md."""
    table = (ROOT / "docs" / "monitoring.md").read_text()
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            wanted = re.findall(r"{{(\w+)}}", target["legendFormat"])
            (name,) = re.findall(r"scanforpay_\w+", target["expr"])
            base = name.removesuffix("_errors").removesuffix("_calls")
            (row,) = [
                line for line in table.splitlines() if line.startswith((f"| `{name}", f"| `{base}_calls`"))
            ]
            assert all(label in row.split("|")[2] for label in wanted), target


def test_the_pages_example_scrapes_the_service() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    (block,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    example = yaml.safe_load(block)
    assert example["rule_files"] == ["alerts.yml"]
    assert [job["job_name"] for job in example["scrape_configs"]] == ["payments"]


def test_every_rule_says_what_to_do() -> None:
    page = (ROOT / "docs" / "runbook.md").read_text()
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", page, re.MULTILINE)
    }
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        file, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert (file, anchor in anchors) == ("docs/runbook.md", True), rule["alert"]
        assert f"`{rule['alert']}`" in page, "the page is found by the alert's name"


@pytest.mark.parametrize("query", QUERIES)
def test_brackets_are_closed(query: str) -> None:
    left = query
    while (fewer := re.sub(r"\(\)|\[\]|{}", "", re.sub(r"[^()\[\]{}]", "", left))) != left:
        left = fewer
    assert left == ""


def test_panels_do_not_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [(place["x"] + x, place["y"]) for place in places for x in range(place["w"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _y in cells) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
