"""A case converts units, applies overrides and knows which figures were used."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.errors import DataError, UnknownNameError
from advisor.core.evidence import Confidence
from advisor.system.case import Case

CaseMaker = Callable[..., Case]
OWN = {
    "low": 1100,
    "central": 1200,
    "high": 1500,
    "unit": "g/MWh",
    "owner": "Facilities",
    "reason": "metered",
}


def test_draws_come_in_the_unit_asked_for(small_case: CaseMaker) -> None:
    case = small_case()
    # 300 g/kWh is 0.3 kg/kWh and 300 kg/MWh
    assert case.draw("regions.west.average_intensity", "kg/kWh") == pytest.approx(np.full(case.size, 0.3))
    assert case.central("regions.west.average_intensity", "kg/MWh") == pytest.approx(300)


def test_a_wrong_dimension_is_an_error_and_no_number(small_case: CaseMaker) -> None:
    with pytest.raises(DataError, match="different dimensions"):
        small_case().draw("regions.west.average_intensity", "L/kWh")


def test_an_unknown_figure_names_the_nearest(small_case: CaseMaker) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'regions\.west\.pue'"):
        small_case().draw("regions.west.pu", "ratio")


def test_an_override_brings_its_own_unit_reason_and_confidence(small_case: CaseMaker) -> None:
    case = small_case(overrides={"regions.west.average_intensity": OWN})
    assert case.central("regions.west.average_intensity", "g/kWh") == pytest.approx(1.2)
    used = case.catalogue.coefficient("regions.west.average_intensity")
    assert used.confidence is Confidence.OVERRIDE
    assert used.sources == ("override",)
    assert used.note == "Facilities: metered"


def test_an_override_leaves_the_shipped_catalogue_alone(
    small_case: CaseMaker, small_catalogue: Catalogue
) -> None:
    small_case(overrides={"regions.west.average_intensity": OWN})
    assert small_catalogue.coefficient("regions.west.average_intensity").central == 300
    assert not small_catalogue.overrides


def test_recording_nests(small_case: CaseMaker) -> None:
    case = small_case()
    with case.recording() as outer:
        case.draw("spread", "ratio")
        with case.recording() as inner:
            case.central("hardware.lifetime", "h")
        case.draw("regions.west.pue", "ratio")
    case.draw("regions.north.pue", "ratio")
    assert inner == {"hardware.lifetime"}
    assert outer == {"spread", "hardware.lifetime", "regions.west.pue"}


def test_asking_whether_a_figure_is_there_records_nothing(small_case: CaseMaker) -> None:
    case = small_case()
    with case.recording() as used:
        assert "spread" in case
        assert "regions.north.marginal_intensity" not in case
    assert used == set()


def test_cases_of_one_seed_draw_alike_and_of_another_do_not(small_case: CaseMaker) -> None:
    assert np.array_equal(small_case().draw("spread", "ratio"), small_case().draw("spread", "ratio"))
    assert not np.array_equal(
        small_case().draw("spread", "ratio"), small_case(seed=2).draw("spread", "ratio")
    )


def test_rows_hold_attributes_and_columns_are_figures(small_catalogue: Catalogue) -> None:
    assert small_catalogue.keys("regions") == ["north", "west", "shut", "coast"]
    assert small_catalogue.row("regions", "north")["country"] == "SE"
    assert "pue" not in small_catalogue.row("regions", "north")
    with pytest.raises(UnknownNameError, match="did you mean 'north'"):
        small_catalogue.row("regions", "nort")
    with pytest.raises(UnknownNameError, match="did you mean 'regions'"):
        small_catalogue.keys("region")
