"""The registry of the project's handlers."""

from scanforpay_django import handlers


def one(_order: object) -> None:
    """A handler."""


def test_a_name_is_registered_once_for_an_event() -> None:
    name = f"{__name__}.one"
    for _ in range(2):
        handlers.register(handlers.ON_PAID, one, atomic=True)
    try:
        assert handlers.get_names(handlers.ON_PAID).count(name) == 1
        assert name not in handlers.get_names(handlers.ON_CLOSED)
        found = handlers.find_handler(handlers.ON_PAID, name)
        assert found is not None
        assert (found.function, found.atomic) == (one, True)
    finally:
        handlers.unregister(handlers.ON_PAID, one)
    assert handlers.find_handler(handlers.ON_PAID, name) is None
