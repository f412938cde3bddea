"""Measurements as ratios, on this machine: python tests/bench [--runs N] [startup stalls ...]."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)
HELPERS = ("__main__", "arriving_server", "heart", "tables")
ALL = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in HELPERS and not path.stem.endswith("_driver"))


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (all when none is named)")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each variant")
    options = parser.parse_args()
    unknown = set(options.names) - set(ALL)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in options.names or ALL:
        importlib.import_module(f"bench.{name}").main(options.runs)


if __name__ == "__main__":
    main()
