"""`make bench`: every benchmark in turn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("energy", "decisions", "flips", "one_bill", "joint", "storage", "usage", "saving", "app")


def main() -> int:
    failed = 0
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
