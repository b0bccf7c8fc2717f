"""Answers for machines."""

from scanforpay_django.health.answers import answer_json, answer_text


def test_no_answer_is_cached() -> None:
    for answer in (answer_text("x"), answer_json({"ok": True}, 503)):
        assert answer["Cache-Control"] == "private, no-store"
    assert answer.status_code == 503
