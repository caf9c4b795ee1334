"""A figure leads to the lines it is the sum of, and a line to its formula and its sources."""

from __future__ import annotations

import re

from advisor.core.wording import number
from advisor.system.opening import open_case, template
from advisor.view.app_screens import FOLDS, fold, strip
from advisor.view.bill_lines import EACH, _figures, bill_lines
from tests.view.conftest import NASTY


def test_a_figure_leads_to_the_bill_and_the_bill_to_its_place(decision, case):
    shown = strip(decision.choice.year, "#fold-bill")
    assert shown.count('href="#fold-bill"') == 5
    assert 'id="fold-bill"' in fold("bill", FOLDS["bill"][0])
    assert "href" not in strip(decision.choice.year)  # on paper it leads nowhere


def test_a_line_tells_its_formula_with_the_numbers_in_it(decision):
    """10,000 requests a day are 3,650,000 a year, of 0.0002 kWh each; the store takes 2 kWh a month."""
    said = bill_lines(decision.choice, "foundation_model")
    answers, documents = re.findall(r"<details.*?</details>", said, flags=re.DOTALL)
    assert "0.2 Wh a request × 3.65 million requests a year = 730 kWh a year" in answers
    assert "2 kWh a month × 12 months = 24 kWh a year" in documents
    assert "$3.00 a month × 12 months = $36.00 a year" in documents
    assert "10 GB a month" in documents


def test_a_line_names_what_it_rests_on_with_source_date_and_confidence(decision):
    said = bill_lines(decision.choice)
    assert "<code>grid.se</code>" in said
    assert "20 (15 – 30) g/kWh" in said
    assert 'href="https://grid.example/mix"' in said
    assert "2026-11-01" in said
    assert "published" in said
    assert "our assumption" in said
    assert NASTY not in said


def test_the_same_figure_of_many_places_is_one_row_and_ones_own_stands_alone() -> None:
    """Four regions' overhead lies between 1.1 and 1.4; one that a team measured is told by itself."""
    case = open_case(template("contact_centre"))
    names = [
        f"regions.{place}.pue" for place in ("swedencentral", "westeurope", "northeurope", "polandcentral")
    ]
    central = [case.catalogue.coefficient(name).central for name in names]
    (row,) = _figures(names, case)
    assert "<code>regions.*.pue</code>" in row[0]
    assert "of 4: northeurope, polandcentral, swedencentral …" in row[0]
    assert row[1] == f"{number(min(central))} to {number(max(central))} ratio, central<small>{EACH}</small>"
    own = {"low": 1.2, "central": 1.2, "high": 1.2, "unit": "ratio", "owner": "Ada", "reason": "metered"}
    measured = case.varied({"overrides.regions.eastus.pue": own})
    one, others = _figures([*names, "regions.eastus.pue"], measured)
    assert "regions.eastus.pue" in one[0]
    assert "of 4:" in others[0]
    assert len(list(_figures(names[:3], case))) == 3
