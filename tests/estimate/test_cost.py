import pint
import pytest

from advisor.estimate import cost


def test_by_token():
    # 600 fresh at $2, 400 cached at $1, 200 out at $8 a million: 1,200 + 400 + 1,600 = $0.0032
    assert cost.by_token(1000, 400, 200, 2.0, 1.0, 8.0) == pytest.approx(0.0032)


def test_units_and_machines():
    assert cost.units_per_month(100, 1.0, 0.697, 730) == pytest.approx(22_119)
    assert cost.machines_per_month(168, 7.0, 4.345) == pytest.approx(5109.7, abs=0.1)


def test_dimensions():
    u = pint.UnitRegistry()
    u.define("USD = [money]")
    u.define("PTU = [units]")
    month = cost.units_per_month(10 * u.PTU, 1.0 * u.USD / u.PTU / u.hour, 0.0, 730 * u.hour)
    assert month.check("[money]")
