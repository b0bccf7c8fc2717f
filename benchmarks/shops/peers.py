"""Which peers this environment has."""

import importlib.util
import os

WANTED = () if os.environ.get("BENCH_WITHOUT_PEERS") else ("payments", "getpaid")
PEERS = {name for name in WANTED if importlib.util.find_spec(name)}
