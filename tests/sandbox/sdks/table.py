"""The clients that others wrote and that ask the sandbox: their names, where they come from, how they start."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Sdk:
    """One published client."""

    # as the package index calls it, and the version that is asked for
    name: str
    version: str
    # pip or npm
    index: str
    # the program in drivers/ that calls it
    driver: str
    # whether CI runs it each time; the others run with --all-sdks
    in_ci: bool = False
    # what it needs and does not say
    also: tuple[str, ...] = ()

    @property
    def is_node(self) -> bool:
        """Whether Node.js runs it."""
        return self.index == "npm"

    @property
    def folder(self) -> str:
        """Its folder in the cache: another version or another Python is another folder."""
        python = "" if self.is_node else f"-py{sys.version_info[0]}{sys.version_info[1]}"
        return f"{self.name}-{self.version}{python}"


WECHATPAYV3 = Sdk(
    name="wechatpayv3", version="2.0.4", index="pip", driver="wechatpayv3_driver.py", in_ci=True
)
AXIOS_PLUGIN = Sdk(
    name="wechatpay-axios-plugin", version="0.9.6", index="npm", driver="axios_plugin.cjs", in_ci=True
)
ALIPAY_NODE = Sdk(name="alipay-sdk", version="4.14.0", index="npm", driver="alipay_sdk.cjs", in_ci=True)
ALIPAY_PYTHON = Sdk(
    name="alipay-sdk-python", version="3.7.1411", index="pip", driver="alipay_sdk_python_driver.py"
)
PYTHON_ALIPAY = Sdk(
    name="python-alipay-sdk", version="3.4.0", index="pip", driver="python_alipay_sdk_driver.py"
)
WECHATPAY_NODE = Sdk(name="wechatpay-node-v3", version="2.2.1", index="npm", driver="wechatpay_node.cjs")
SDKS = (WECHATPAYV3, AXIOS_PLUGIN, WECHATPAY_NODE, ALIPAY_NODE, ALIPAY_PYTHON, PYTHON_ALIPAY)


def runs(pairs: list[tuple[Sdk, str]]) -> list[Any]:
    """Parameters for tests: each carries the mark that says which client it needs."""
    return [
        pytest.param(pair, marks=pytest.mark.sdk(pair[0]), id=f"{pair[0].name}, {pair[1]}") for pair in pairs
    ]
