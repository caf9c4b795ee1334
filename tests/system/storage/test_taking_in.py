from __future__ import annotations

import pytest
from storing import ANYWHERE, MODEL, RAG, Make, data_set, kept

from advisor.core.draws import central
from advisor.system.bill import Resource
from advisor.system.storage import ingestion

SET = data_set(role="corpus", growth_gb_per_month=50)


def test_a_batch_an_hour_by_hand(make: Make) -> None:
    # 50 GB kept of 60 %: 83.33 GB arrive, 15 % of it twice: 95.83 GB at 60 GB/h = 1.597 h;
    # 24 x 365/12 = 730 runs that take 0.05 h to start: 36.5 h. 38.1 h at 25 W and 0.20 USD
    case = make(SET)
    found = ingestion.month(case, kept(case), case.given.ingestion)
    assert found.arriving == pytest.approx(83.333, abs=0.001)
    assert central(found.hours) == pytest.approx(38.097, abs=0.001)
    (line,) = ingestion.lines(case, MODEL, RAG, ANYWHERE)
    assert line.resource is Resource.HOST
    assert central(line.footprint["cost"]) == pytest.approx(38.097 * 0.20, rel=1e-4)
    pue = case.central("regions.eastus2.pue", "ratio")
    assert central(line.footprint["energy"]) == pytest.approx(38.097 * 0.025 * pue, rel=1e-4)


def test_edge_filtering_waits_for_its_security(make: Make) -> None:
    edge = {"edge_filtering": True, "internet_gb_per_month": 100}
    doubtful = make(SET, ingestion=edge)
    secured = make(SET, ingestion={**edge, "edge_secured": "yes"})
    for case, internet, filters in ((doubtful, 100, 0), (secured, 60, 1)):
        found = ingestion.month(case, kept(case), case.given.ingestion)
        assert found.internet == pytest.approx(internet)
        charged = ingestion.lines(case, MODEL, RAG, ANYWHERE)
        assert sum(line.what == "filters at the edge" for line in charged) == filters


def test_filters_at_the_edge_wear_their_devices_by_hand(make: Make) -> None:
    """83.33 GB at 2 Wh: 167 Wh, 16.7 h at 10 W. A device works a fifth of its life: 83.3 h of 4 years.

    That is 0.002378 of it: 83 g of the 35 kg it was made with, 1.2 g of waste and 59 cents of 249 USD; its
    power is 167 Wh at the 12.8 cents of the United States.
    """
    case = make(SET, ingestion={"edge_filtering": True, "edge_secured": "yes"})
    charged = ingestion.lines(case, MODEL, RAG, ANYWHERE)
    (line,) = (one for one in charged if one.what == "filters at the edge")
    part = (50 / 0.6) * 0.002 / 0.010 / 0.2 / (4 * 365 * 24)
    assert part == pytest.approx(0.002378, rel=1e-3)
    assert central(line.footprint["embodied"]) == pytest.approx(35 * part)
    assert central(line.footprint["ewaste"]) == pytest.approx(0.5 * part)
    power = (50 / 0.6) * 0.002 * 0.128
    assert central(line.footprint["cost"]) == pytest.approx(249 * part + power)


def test_what_the_system_writes_itself_is_not_taken_in(make: Make) -> None:
    assert not ingestion.lines(make(data_set(growth_gb_per_month=50)), MODEL, RAG, ANYWHERE)


def test_as_much_arrives_however_much_is_kept(make: Make) -> None:
    """50 GB kept of 60 %: 83.33 arrive. Keeping all stores all 83.33; keeping 30 % would store 25."""
    case = make(SET)
    for part, stored in ((0.6, 50.0), (1.0, 50.0 / 0.6), (0.3, 25.0)):
        settings = case.given.ingestion.model_copy(update={"kept_share": part})
        found = ingestion.month(case, kept(case), settings)
        assert found.arriving == pytest.approx(50.0 / 0.6)
        assert found.kept == pytest.approx(stored)
