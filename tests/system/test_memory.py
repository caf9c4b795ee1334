"""What is remembered is kept by exactly what was read: no more, no less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from advisor.system.case import Case, remembered
from advisor.system.memory import Setting, derived, varied

CaseMaker = Callable[..., Case]


@dataclass(frozen=True, slots=True)
class Choice(Setting):
    """Two things to read."""

    colour: str
    size: int

    @property
    def label(self) -> str:
        return f"{self.colour}-{self.size}"


RUNS: list[str] = []


@remembered
def volume(case: Case) -> float:
    RUNS.append("volume")
    return case.scenario.workload.requests_per_day * 2


@remembered
def either(case: Case, choice: Choice) -> str:
    """Reads the size only where the colour is blue."""
    RUNS.append("either")
    if choice.colour == "blue":
        return f"blue {choice.size}"
    return f"{choice.colour} at {case.scenario.constraints.home_region}"


@remembered
def outer(case: Case, choice: Choice) -> str:
    RUNS.append("outer")
    return f"{either(case, choice)} and {volume(case)}"


@remembered
def smallest(case: Case, choice: Choice) -> str:
    RUNS.append("smallest")
    return either(case, varied(choice, size=0))


@remembered
def label_of_smallest(case: Case, choice: Choice) -> str:
    return str(varied(choice, size=0).label)


@derived
def traffic(case: Case) -> str:
    RUNS.append("traffic")
    return "busy" if case.scenario.workload.requests_per_day > 100 else "calm"


@remembered
def told(case: Case) -> str:
    RUNS.append("told")
    return f"it is {traffic(case)}"


def runs() -> list[str]:
    found = list(RUNS)
    RUNS.clear()
    return found


def test_a_variant_that_moves_what_is_not_read_computes_nothing(small_case: CaseMaker) -> None:
    case = small_case(workload={"requests_per_day": 10})
    runs()
    assert volume(case) == 20
    assert volume(case.varied({"workload.input_tokens": 77})) == 20
    assert runs() == ["volume"]
    assert volume(case.varied({"workload.requests_per_day": 11})) == 22
    assert volume(case) == 20
    assert runs() == ["volume"]


def test_a_variant_that_nobody_asked_hands_on_what_the_one_before_it_knows(small_case: CaseMaker) -> None:
    case = small_case(workload={"requests_per_day": 10})
    volume(case)
    runs()
    assert volume(case.varied({"workload.input_tokens": 77}).varied({"workload.output_tokens": 7})) == 20
    assert runs() == []
    assert volume(case.varied({"workload.requests_per_day": 11}).varied({"workload.output_tokens": 7})) == 22
    assert runs() == ["volume"]


def test_of_a_setting_only_what_is_read_counts(small_case: CaseMaker) -> None:
    case = small_case()
    runs()
    first = either(case, Choice("red", 1))
    assert either(case, Choice("red", 2)) == first
    assert runs() == ["either"]
    assert either(case, Choice("blue", 1)) == "blue 1"
    assert either(case, Choice("blue", 2)) == "blue 2"
    assert runs() == ["either", "either"]
    # blue never read the region, red did
    moved = case.varied({"constraints.home_region": "north"})
    assert either(moved, Choice("blue", 2)) == "blue 2"
    assert runs() == []
    assert either(moved, Choice("red", 9)) == "red at north"
    assert runs() == ["either"]


def test_what_an_inner_result_read_counts_for_the_outer_one_even_when_it_was_remembered(
    small_case: CaseMaker,
) -> None:
    case = small_case(workload={"requests_per_day": 10})
    runs()
    volume(case)
    assert outer(case, Choice("blue", 1)) == "blue 1 and 20.0"
    assert runs() == ["volume", "outer", "either"]
    more = case.varied({"workload.requests_per_day": 20})
    assert outer(more, Choice("blue", 1)) == "blue 1 and 40.0"
    assert runs() == ["outer", "volume"]
    assert outer(more, Choice("blue", 3)) == "blue 3 and 40.0"
    assert outer(case, Choice("blue", 1)) == "blue 1 and 20.0"


def test_a_bool_and_a_one_are_told_apart(small_case: CaseMaker) -> None:
    case = small_case()

    def flag(asked: Case) -> object:
        return asked.scenario.quality.needs_reasoning

    assert case.remember(flag) is False
    assert case.varied({"quality.needs_reasoning": True}).remember(flag) is True


def test_evidence_is_noted_every_time(small_case: CaseMaker) -> None:
    case = small_case()

    def life(asked: Case) -> float:
        return asked.central("hardware.lifetime", "year")

    assert case.remember(life) == 4
    with case.recording() as used:
        assert case.remember(life) == 4
    assert used == {"hardware.lifetime"}


def test_another_own_figure_is_another_memory(small_case: CaseMaker) -> None:
    case = small_case()

    def life(asked: Case) -> float:
        return asked.central("hardware.lifetime", "year")

    own = {"low": 5, "central": 6, "high": 7, "unit": "year", "owner": "Ops", "reason": "contract"}
    assert case.remember(life) == 4
    assert case.varied({"overrides.hardware.lifetime": own}).remember(life) == 6


def test_the_central_case_stands_first_and_alone_in_its_twin(small_case: CaseMaker) -> None:
    case = small_case()
    assert case.size == case.draws.size + 1
    assert case.draw("spread", "ratio")[0] == case.central("spread", "ratio")
    assert case.centre.size == 1
    assert case.centre.draw("spread", "ratio")[0] == case.central("spread", "ratio")


def test_of_a_varied_setting_only_what_is_left_of_it_counts(small_case: CaseMaker) -> None:
    """The size is read of the variation alone, so no other size asks again; the colour counts."""
    case = small_case()
    runs()
    assert smallest(case, Choice("blue", 1)) == "blue 0"
    assert smallest(case, Choice("blue", 2)) == "blue 0"
    assert runs() == ["smallest", "either"]
    assert smallest(case, Choice("red", 2)).startswith("red at")
    assert runs() == ["smallest", "either"]


def test_what_hangs_on_the_changed_and_on_the_rest_counts_as_all_of_it(small_case: CaseMaker) -> None:
    case = small_case()
    asked = [Choice("blue", 1), Choice("blue", 2), Choice("red", 1), Choice("red", 0)]
    assert [label_of_smallest(case, one) for one in asked] == ["blue-0", "blue-0", "red-0", "red-0"]


def test_results_are_found_again_in_any_order_of_asking(small_case: CaseMaker) -> None:
    """Each path branches where results part, whichever came first."""
    every = [Choice(colour, size) for colour in ("blue", "red", "green") for size in (0, 1, 2)]
    for turn in range(len(every)):
        case = small_case()
        order = every[turn:] + every[:turn]
        first = {one: either(case, one) for one in order}
        runs()
        assert {one: either(case, one) for one in reversed(order)} == first
        assert runs() == []
        assert first[Choice("blue", 2)] == "blue 2"
        assert first[Choice("green", 1)].startswith("green at")


def test_while_what_is_derived_stays_the_same_so_does_what_hangs_on_it(small_case: CaseMaker) -> None:
    case = small_case(workload={"requests_per_day": 10})
    runs()
    assert told(case) == "it is calm"
    assert runs() == ["told", "traffic"]
    assert told(case.varied({"workload.requests_per_day": 20})) == "it is calm"
    assert runs() == ["traffic"]
    assert told(case.varied({"workload.requests_per_day": 200})) == "it is busy"
    assert runs() == ["traffic", "told"]
    assert told(case.varied({"workload.input_tokens": 77})) == "it is calm"
    assert runs() == []


def test_what_is_derived_after_a_variant_was_made_is_derived_there_for_itself(small_case: CaseMaker) -> None:
    case = small_case(workload={"requests_per_day": 10})
    volume(case)  # so that it knows something
    variant = case.varied({"workload.requests_per_day": 200})
    later = variant.varied({"workload.output_tokens": 7})
    assert told(case) == "it is calm"
    assert told(variant) == "it is busy"
    assert told(later) == "it is busy"


def test_behind_what_is_derived_stand_the_fields_that_it_read(small_case: CaseMaker) -> None:
    def said(asked: Case) -> str:
        return told(asked)

    assert small_case().reads_of(said) == {"workload.requests_per_day"}
