"""The storm's project with the shop's app."""

from tests.chaos.settings import *  # noqa: F403
from tests.chaos.settings import INSTALLED_APPS as STORMS_APPS

INSTALLED_APPS = [*STORMS_APPS, "tests.chaos.shipping"]
