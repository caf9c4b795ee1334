"""Flips found by two processes are those that one finds."""

from __future__ import annotations

import subprocess
import sys

# in a process of its own, as the one of the tests has several threads and cannot be copied
SCRIPT = """
from advisor.catalogue import open_catalogue
from advisor.core import beside
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template

copied = []
beside.can_be_copied = lambda: copied.append(True) or True  # however many processors there are

def told(shared):
    case = Case(open_case(template("claims_intake")).given, open_catalogue())
    return [[(flip, flip.instead) for flip in one.flips] for one in run(case, shared=shared)]

apart, alone = told(True), told(False)
assert apart == alone, (apart, alone)
assert len(copied) == 1, copied
print(sum(map(len, alone)), len(alone[0]))
"""


def test_two_processes_find_the_flips_that_one_finds() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found, of_first = map(int, done.stdout.split())
    assert found > of_first > 0  # something was found by either
