"""A Spark that is somewhere else, told by its address: the same profile, object for object."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.scenario.traffic import load_traffic
from advisor.usage import read_usage

from .samples import azure_trace, litellm, mooncake

pytestmark = pytest.mark.spark

_STARTS_WITHIN_S = 120
# a client of its own process: Spark's library serves one kind of session a process
_READ = """
import sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from advisor.scenario.traffic import save_traffic
from advisor.usage import read_usage
for path in sys.argv[2:]:
    save_traffic(read_usage([path], engine="spark", connect=sys.argv[1]), Path(path + ".yaml"))
"""


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Spark Connect server in a process of its own."""
    import pyspark  # missing, it fails: what nobody tried is not known to work

    port, home = _free(), Path(pyspark.__file__).parent
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }  # fmt: skip
    command = [
        str(home / "bin" / "spark-submit"), "--master", "local[1]",
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
        *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
        "spark-internal",
    ]  # fmt: skip
    where = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with subprocess.Popen(command, env=where, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + _STARTS_WITHIN_S
            while not _listens(port):
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.2)
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.terminate()


def test_a_server_says_what_duckdb_says(address: str, tmp_path: Path) -> None:
    """A table with JSON in its cells, and lists of block hashes."""
    paths = [str(writer(tmp_path)) for writer in (litellm, mooncake)]
    command = [sys.executable, "-c", _READ, address, *paths]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    for path in paths:
        assert load_traffic(Path(path + ".yaml")) == read_usage([path]), path


def test_nobody_at_the_address_is_told_at_once(tmp_path: Path) -> None:
    path = str(azure_trace(tmp_path))
    for address in (f"sc://127.0.0.1:{_free()}", "sc://", "sc://127.0.0.1:port"):
        with pytest.raises(LogError, match="cannot be reached"):
            read_usage([path], engine="spark", connect=address)
