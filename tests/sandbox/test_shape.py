"""Bodies are held against a table: unknown names, nulls and wrong values are refused."""

import pytest

from scanforpay_django.sandbox import shape

SHAPE = {
    "name": shape.text(4, required=True),
    "code": shape.pattern("[a-z]+", "must be letters"),
    "total": shape.group({"amount": shape.number(1, required=True)}),
    "is_open": shape.flag(),
    "goods": shape.objects(),
    "url": shape.address(40, query=False),
    "note": shape.text_bytes(3),
    "number": shape.word(3, 5, "[a-z]+", "must be 3 to 5 letters"),
    "limits": shape.words("one", "two"),
    "lines": shape.objects({"id": shape.text(2, required=True)}),
    "more": shape.anything(),
}


def test_what_fits_is_taken():
    body = {
        "name": "茶茶茶茶", "code": "abc", "total": {"amount": 1}, "is_open": False, "goods": [{}],
        "url": "https://shop.example/n", "note": "茶",
        "number": "abc", "limits": ["two"], "lines": [{"id": "1"}], "more": [1],
    }  # fmt: skip
    shape.check(body, SHAPE)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"code": "aé"}, "/code"),
        ({"total": {"amount": True}}, "/total/amount"),
        ({"total": {}}, "/total/amount"),
        ({"total": []}, "/total"),
        ({"is_open": 1}, "/is_open"),
        ({"goods": [1]}, "/goods"),
        ({"url": "https://shop.example/n?a=1"}, "/url"),
        ({"url": "ftp://shop.example/"}, "/url"),
        ({"note": "茶茶"}, "/note"),
        ({"other": 1}, "/other"),
        ({"number": "ab"}, "/number"),
        ({"number": "ab1"}, "/number"),
        ({"limits": "one"}, "/limits"),
        ({"limits": ["three"]}, "/limits"),
        ({"lines": [{"id": "1"}, {}]}, "/lines/1/id"),
        ({"lines": ["x"]}, "/lines/0"),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(changes, field):
    with pytest.raises(shape.ShapeError) as caught:
        shape.check({"name": "tea"} | changes, SHAPE)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(shape.ShapeError):
        shape.parse_object(text)


@pytest.mark.parametrize(("number", "fault"), [
    ("ab", shape.Fault.TOO_SHORT), ("abcdef", shape.Fault.TOO_LONG), ("ab1", shape.Fault.FORM),
    (1, shape.Fault.TYPE), (None, shape.Fault.NULL),
])  # fmt: skip
def test_it_says_which_limit_is_broken(number, fault):
    with pytest.raises(shape.ShapeError) as caught:
        shape.check({"name": "tea", "number": number}, SHAPE)
    assert caught.value.fault is fault
