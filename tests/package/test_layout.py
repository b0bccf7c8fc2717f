"""The layout holds: a platform is named in its own package only, and a module's tests are found by its name."""

import re
from pathlib import Path

import scanforpay_django

PACKAGE = Path(scanforpay_django.__file__).parent
TESTS = Path(__file__).parents[1]
#: the packages that are about platforms
ROOMS = ("wallets", "sandbox", "migrations")
PLATFORMS = re.compile("wechat|weixin|alipay", re.IGNORECASE)
#: the default list of wallets, and the published wire's own names
ALLOWED = {
    "conf.py": re.compile(r'"\w+": "scanforpay_django\.wallets\.[\w.]+",'),
    "wire.py": re.compile(r"PUBLISHED_WALLETS = .*"),
}


def strangers() -> list[str]:
    """Lines of the package that name a platform outside of its room."""
    found = []
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        if path.suffix not in (".py", ".js", ".html", ".css") or parts[0] in ROOMS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            allowed = ALLOWED.get("/".join(parts))
            if PLATFORMS.search(line) and not (allowed and allowed.fullmatch(line.strip())):
                found.append(f"{'/'.join(parts)}:{number}: {line.strip()}")
    return found


def test_a_platform_is_named_in_its_own_package_only() -> None:
    assert strangers() == []


def expected_tests(module: Path) -> Path:
    """Where the tests of a module are: its package's folder; commands are in management, or in sandbox."""
    packages = [name for name in module.relative_to(PACKAGE).parent.parts if name != "commands"]
    if packages[1:] == ["management"]:
        packages.pop()
    return Path(*packages or ["package"], f"test_{module.name}")


def test_every_module_has_tests_of_its_name() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    wanted = [expected_tests(path) for path in modules if "migrations" not in path.parts]
    assert sorted(str(path) for path in wanted if not (TESTS / path).exists()) == []
