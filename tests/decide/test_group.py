"""A group's weights against all plans, on a front made up by hand; and a price in place of weights."""

from __future__ import annotations

import numpy as np
import pytest
from test_search import centre, few, made_up

from advisor.core.errors import ScenarioError
from advisor.decide.choosing import year_of
from advisor.decide.completion import Pins
from advisor.decide.group import by_any_weights, group, products, shares
from advisor.decide.scoring import scores
from advisor.decide.search import joint_front
from advisor.system import billing
from advisor.system.priorities import CONCERNS, unpriced, valued, weights
from advisor.view import roles

FREE = Pins({}, {})


def test_a_carbon_price_is_not_counted_beside_the_weights_of_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 5,000 USD a tonne as without a price, and whoever sees the roles side by side is told so."""
    case, given = centre("contact_centre"), {"a": {"cost": 1.0}, "b": {"carbon": 1.0}}
    priced, among = case.varied({"priorities.carbon_price_usd_per_t": 5000.0}), few(case, 0)
    plain, dear = (group(one, among, FREE, given) for one in (case, priced))
    assert plain is not None
    assert dear is not None
    assert (plain.shared, plain.everywhere) == (dear.shared, dear.everywhere)
    assert [role.behind for role in plain.roles] == [role.behind for role in dear.roles]
    assert unpriced(case.given) == ""
    assert "5000 USD a tonne plays no part here" in unpriced(priced.given)
    monkeypatch.setattr(roles, "spaces", lambda: among)
    assert unpriced(priced.given) in roles.weighed(priced, given)
    assert "plays no part" not in roles.weighed(case, given)


def test_weights_are_shares_in_a_fixed_order() -> None:
    assert list(shares({"cost": 3, "quality": 1}, "sponsor")) == [0, 0.75, 0, 0, 0, 0.25]


@pytest.mark.parametrize(
    "given", [{"cots": 1}, {"cost": -1}, {"cost": "much"}, {"cost": True}, {}, {"cost": 0}]
)
def test_weights_that_are_none_are_named(given: dict[str, float]) -> None:
    with pytest.raises(ScenarioError, match="sponsor"):
        shares(given, "sponsor")


def test_products_are_weighted_logarithms_for_an_accepted_answer() -> None:
    """Half the carbon, twice the cost, weights 3 to 1: apart by 3/4 ln 2 - 1/4 ln 2 = 1/2 ln 2."""
    front = made_up((100, 100, 1, 0.8), (50, 200, 1, 0.8))
    found = products(front, shares({"carbon": 3, "cost": 1}, "one"))
    assert found[0] - found[1] == pytest.approx(0.5 * np.log(2))


def test_what_is_best_by_any_weights_sums_to_all() -> None:
    """The first is better in everything: every weight prefers it."""
    front = made_up((10, 10, 1, 0.9), (20, 20, 2, 0.8))
    assert by_any_weights(front) == {0: pytest.approx(1.0)}
    even = by_any_weights(made_up((10, 20, 1, 0.9), (20, 10, 1, 0.9)))
    assert sum(even.values()) == pytest.approx(1.0)
    assert even[0] == pytest.approx(0.5, abs=0.05)


def test_a_group_that_agrees_and_one_that_does_not() -> None:
    case = centre("contact_centre")
    among = few(case, 0)
    alike = {"a": {"cost": 1.0}, "b": {"cost": 2.0, "quality": 0.0}}
    found = group(case, among, FREE, alike)
    assert found is not None
    assert found.agreed
    assert [role.behind for role in found.roles] == [1.0, 1.0]
    apart = group(case, among, FREE, {"a": {"cost": 1.0}, "b": {"quality": 1.0}, "c": {"carbon": 1.0}})
    assert apart is not None
    assert not apart.agreed
    assert min(role.behind for role in apart.roles) >= 1.0
    assert apart.apart["cost"] == (0.0, 1.0)
    cheapest = min(joint_front(case, among, FREE).plans, key=lambda plan: year_of(case, plan)[1, 0]
                   / billing.quality(case, plan)[0])  # fmt: skip
    assert apart.roles[0].plan == cheapest


def test_one_role_is_no_group() -> None:
    case = centre("contact_centre")
    with pytest.raises(ScenarioError, match="2 to 12 roles"):
        group(case, few(case, 0), FREE, {"a": {"cost": 1.0}})


def test_a_carbon_price_is_money_in_place_of_all_weights() -> None:
    """200 USD/t: 1,000 kg cost 200 USD more. (90 + 400)/0.9 = 544 against (120 + 180)/0.8 = 375."""
    case = centre("contact_centre").varied({"priorities.carbon_price_usd_per_t": 200.0})
    years = np.zeros((2, len(CONCERNS), 1))
    years[0, :2, 0], years[1, :2, 0] = (2000, 90), (900, 120)
    quality = np.array([[0.9], [0.8]])
    assert list(weights(case)) == [0, 1, 0, 0, 0, 0]
    assert list(valued(case, years)[:, 1, 0]) == [490.0, 300.0]
    assert np.exp(scores(case, years, quality)[:, 0]) == pytest.approx([490 / 0.9, 300 / 0.8])
    assert years[0, 1, 0] == 90  # what was given stays


def test_a_high_carbon_price_chooses_less_carbon_than_none() -> None:
    case, among = centre("contact_centre"), few(centre("contact_centre"), 0)
    taken = []
    for price in (0.0, 100_000.0):
        priced = case.varied({"priorities.carbon_price_usd_per_t": price})
        front = joint_front(priced, among, FREE)
        total = front.of("cost") + price / 1000 * front.of("carbon")
        taken.append(front.of("carbon")[int(np.argmin(total / front.quality))])
    assert taken[1] < taken[0]
