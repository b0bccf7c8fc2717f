"""Reading a pay page as a machine."""

import pytest

from scanforpay_django.sandbox.pay_page import CustomerError, first_line, json_object, parse

PAGE = """<body data-state="paid"><script id="scanforpay-data" type="application/json">{"a": "<b>"}</script>
<script>ignored</script><form id="scanforpay-return" action="https://shop.example/" method="post">
<input type="hidden" name="orderNo" value="1"><input type="text" name="x"></form>
<input type="hidden" name="outside" value="2"></body>"""


def test_the_data_and_the_form_of_a_page_are_found():
    found = parse(PAGE)
    assert found.body == {"data-state": "paid"}
    assert json_object(found.texts["data"]) == {"a": "<b>"}
    assert found.form["action"] == "https://shop.example/"
    assert found.inputs == [("orderNo", "1")]


@pytest.mark.parametrize("text", ["", "[]", "<html>\nError"])
def test_what_is_no_object_is_said_with_its_first_line(text):
    with pytest.raises(CustomerError, match=r"^not"):
        json_object(text)
    assert "\n" not in first_line(text)
