from __future__ import annotations

import numpy as np
import pint
import pytest

from advisor.estimate import ingestion


def test_a_month_of_ingestion_by_hand() -> None:
    # 60 GB kept of 60 % -> 100 GB arrive; 15 % again -> 115 GB worked on
    arriving = ingestion.arriving_gb(60.0, 0.6)
    assert arriving == pytest.approx(100)
    assert ingestion.processed_gb(arriving, 0.15) == pytest.approx(115)
    # 30 runs of 0.05 h, 115 GB at 57.5 GB/h: 1.5 + 2 = 3.5 h
    assert ingestion.batch_hours(115.0, 30.0, 0.05, 57.5) == pytest.approx(3.5)


def test_streaming_keeps_a_worker_on() -> None:
    assert ingestion.streaming_hours(115.0, 730.0, 57.5) == 730
    # where one worker is too slow, more time is worked than passes
    assert ingestion.streaming_hours(115_000.0, 730.0, 57.5) == pytest.approx(2000)


def test_arrays_give_what_scalars_give() -> None:
    speeds = np.array([20.0, 60.0])
    together = ingestion.batch_hours(100.0, 10.0, 0.1, speeds)
    assert together == pytest.approx([ingestion.batch_hours(100.0, 10.0, 0.1, one) for one in speeds])


def test_dimensions_come_out_right() -> None:
    units = pint.UnitRegistry()
    gigabyte, hour = units.gigabyte, units.hour
    work = ingestion.processed_gb(ingestion.arriving_gb(60 * gigabyte, 0.6), 0.15)
    hours = ingestion.batch_hours(work, 30, 0.05 * hour, 57.5 * gigabyte / hour)
    assert hours.check("[time]")
    assert hours.m_as("hour") == pytest.approx(3.5)
