"""A slice of `bench.saving`: kills, full disks, closed folders, writers who meet; and that it sees a loss."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from advisor.core.errors import AdvisorError
from bench import saving
from bench.saving import CALLS, KINDS, Reports, bounded, closed, full, kill, meeting


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_a_kill_at_any_moment_loses_nothing(name: str, seed: int) -> None:
    assert kill(name, seed) == ""


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("owner", "call"), CALLS, ids=lambda given: getattr(given, "__name__", given))
def test_a_disk_that_is_full_at_the_first_call_is_told_and_loses_nothing(
    name: str, owner: object, call: str
) -> None:
    lost, told = full(name, owner, call, 1)
    assert lost == ""
    # where a move onto what a link points at fails, the save writes beside it and moves again
    assert told == ((name, call) != ("scenario", "replace"))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("most", [0, 20])
def test_a_disk_that_takes_a_part_is_told_and_loses_nothing(name: str, most: int) -> None:
    assert bounded(name, most) == ("", True)


@pytest.mark.parametrize("name", KINDS)
def test_a_closed_folder_is_told_and_loses_nothing(name: str) -> None:
    assert closed(name) == ""


def test_writers_who_meet_lose_nothing() -> None:
    assert [meeting(round_) for round_ in range(3)] == ["", "", ""]


class Careless(Reports):
    """Writes one file after another, as a save must not."""

    def save(self, folder: Path, number: int) -> None:
        for name in self.NAMES:
            try:
                with (folder / name).open("w", encoding="utf-8") as stream:
                    stream.write(f"{number} " * (20_000 + number))
                    stream.flush()
                    os.fsync(stream.fileno())
            except OSError as error:
                raise AdvisorError("full") from error


def test_a_careless_save_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "KINDS", {"careless": Careless()})
    assert full("careless", os, "fsync", 2) == ("files of one report", True)
    assert bounded("careless", 1000)[0] == "files of one report"
