"""The reader of request logs against the same aggregates in hand-written DuckDB SQL.

A trace is repeated to many rows of Parquet, each repetition later than the one before; both are run on
it in processes of their own, and time and peak memory are printed. A wide log has 40 columns, among
them prompts of 4 kB that neither way reads:

    python -m bench.usage --trace trace.csv --rows 4000000 40000000

Without ``--trace`` (columns TIMESTAMP, ContextTokens, GeneratedTokens) a made-up hour is repeated.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

THREADS = 2
MEMORY = "1GB"
PART = 1_000_000

HOUR = """
SELECT TIMESTAMP '2024-01-01 10:00:00' + INTERVAL (i * 186) MILLISECOND AS "TIMESTAMP",
       1 + (hash(i) % 4000)::INTEGER AS "ContextTokens", 1 + (hash(i + 7) % 700)::INTEGER AS "GeneratedTokens"
FROM range(19366) t(i)
"""

SQL = {
    "hours": """
        WITH minutes AS (
            SELECT date_trunc('minute', "TIMESTAMP") AS minute, count(*) AS n,
                   min("TIMESTAMP") AS a, max("TIMESTAMP") AS b
            FROM log WHERE {fine} GROUP BY 1)
        SELECT date_trunc('hour', minute) AS hour, sum(n), max(n), min(a), max(b) FROM minutes GROUP BY 1""",
    "inputs": 'SELECT "ContextTokens", count(*) FROM log WHERE {fine} GROUP BY 1',
    "outputs": 'SELECT "GeneratedTokens", count(*) FROM log WHERE {fine} GROUP BY 1',
    "joint": """
        SELECT floor(log2(2 * "ContextTokens" + 1)), floor(log2(2 * "GeneratedTokens" + 1)), count(*)
        FROM log WHERE {fine} GROUP BY 1, 2""",
    "dropped": """
        SELECT CASE WHEN "TIMESTAMP" IS NULL THEN 1 WHEN "ContextTokens" IS NULL THEN 2
                    WHEN "GeneratedTokens" IS NULL THEN 3 WHEN "ContextTokens" < 0 THEN 4
                    WHEN "GeneratedTokens" < 0 THEN 5 ELSE 0 END AS problem, count(*)
        FROM log GROUP BY 1""",
}
FINE = '"TIMESTAMP" IS NOT NULL AND "ContextTokens" >= 0 AND "GeneratedTokens" >= 0'


# 37 more columns: a prompt of 4 kB, of few kinds so that it is kept as a dictionary, and 36 of anything
WIDE = ", repeat(md5((i % 16)::VARCHAR), 128) AS prompt, " + ", ".join(
    f"hash(i + {place}) % 1000 AS field_{place}" for place in range(36)
)


def make(trace: Path | None, rows: int, folder: Path, wide: bool) -> None:
    """Files of ``PART`` rows each, so that making them needs neither memory nor room to spill."""
    connection = duckdb.connect(config={"threads": THREADS, "temp_directory": ""})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = false")
    source = HOUR if trace is None else f"SELECT * FROM read_csv('{trace}')"  # noqa: S608
    connection.execute(f"CREATE TABLE trace AS SELECT *, row_number() OVER () AS i FROM ({source})")  # noqa: S608
    (size,) = connection.execute("SELECT count(*) FROM trace").fetchone() or (1,)
    folder.mkdir()
    for first in range(0, rows, PART):
        part = min(PART, rows - first)
        hours = f"range({first // size}, {first // size - (-part // size) + 1}) r(k)"
        connection.execute(
            f"""COPY (SELECT * EXCLUDE (i, k) REPLACE ("TIMESTAMP" + INTERVAL (k) HOUR AS "TIMESTAMP")
                {WIDE if wide else ""} FROM {hours}, trace LIMIT {part})
                TO '{folder / f"{first}.parquet"}' (FORMAT parquet)"""  # noqa: S608
        )


def by_hand(path: Path) -> int:
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY})
    connection.execute(f"CREATE VIEW log AS SELECT * FROM read_parquet('{path}/*.parquet')")  # noqa: S608
    found = {name: connection.execute(sql.format(fine=FINE)).fetchall() for name, sql in SQL.items()}
    return sum(row[1] for row in found["hours"])


def ours(path: Path) -> int:
    from advisor.usage import read_usage

    return read_usage([str(path)]).requests


def measure(way: str, path: Path) -> dict[str, float]:
    """Run one way in a process of its own: seconds, peak MB, requests."""
    run = [sys.executable, "-m", "bench.usage", "--one", way, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def one(way: str, path: Path) -> None:
    if way == "ours":
        import ibis

        import advisor.usage  # noqa: F401

        ibis.duckdb.connect().disconnect()  # what a program loads once is not timed, for either way
    start, start_cpu = time.perf_counter(), time.process_time()
    requests = {"ours": ours, "by_hand": by_hand}[way](path)
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": peak, "requests": requests}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trace", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[4_000_000, 40_000_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FOLDER"))
    options = parser.parse_args()
    if options.one:
        one(options.one[0], Path(options.one[1]))
        return
    for rows, wide in itertools.product(options.rows, (False, True)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "log"
            # in a process of its own, whose memory would else count as every later one's peak
            maker = multiprocessing.get_context("spawn").Process(
                target=make, args=(options.trace, rows, path, wide)
            )
            maker.start()
            maker.join()
            said = f"{rows:>11,} rows {'wide  ' if wide else 'narrow'}"
            best = {}
            for way in ("by_hand", "ours"):
                runs = [measure(way, path) for _ in range(options.repeat)]
                best[way] = min(runs, key=lambda run: run["seconds"])
                seconds, cpu, peak = (best[way][key] for key in ("seconds", "cpu", "megabytes"))
                print(f"{said} {way:8}{seconds:7.2f} s{cpu:7.2f} s of CPU {peak:6.0f} MB", flush=True)
            ratio, of_cpu = (best["ours"][key] / best["by_hand"][key] for key in ("seconds", "cpu"))
            print(f"{said} ratio   {ratio:7.2f}  {of_cpu:7.2f}", flush=True)


if __name__ == "__main__":
    main()
