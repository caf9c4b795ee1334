"""`make bench`: every benchmark in turn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from bench.serving import ends_in_order, with_parent

# each with what it is given: the last two in small, as they walk a browser and make whole reports
BENCHMARKS = (
    ("energy",), ("decisions",), ("flips",), ("one_bill",), ("joint",), ("storage",), ("usage",),
    ("odd_logs",), ("saving",), ("app",), ("batch", "6"), ("echo", "5"),
)  # fmt: skip


def main() -> int:
    ends_in_order()
    failed = 0
    for name, *given in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", *given]
        ended = subprocess.run(command, check=False, preexec_fn=with_parent)
        failed |= ended.returncode
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
