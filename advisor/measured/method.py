"""What the method page shows of published figures, and how the advisor meets them.

Exhibits are computed here from the catalogue; the page only displays them. How well the energy
model predicts measured runs is in ``accuracy``, how it meets measured machines in ``machines``.
"""

from __future__ import annotations

import numpy as np

from advisor.catalogue import open_catalogue
from advisor.core.draws import Array, summary
from advisor.core.exhibits import Table
from advisor.core.saying import say
from advisor.core.wording import yes_or_no
from advisor.estimate import grid, training, tuning
from advisor.scenario import Scenario
from advisor.system.case import Case
from advisor.system.second_opinion import second_opinion
from advisor.system.serving import Serving, serve
from advisor.system.shape import Shape

Row = tuple[str | float | None, ...]

H_PER_S = 1.0 / 3600.0
ROUNDING = 0.02  # publishers round: a figure this near an exact one counts as met
OPINION = ("gpt-4o", "gpt-4o-mini", "gemini-2.5-flash", "llama-3.1-8b", "llama-3.3-70b", "deepseek-v3.1")
OPINION_SHAPE = (1000.0, 300.0)  # tokens in and out of the request compared, the scenario's defaults


def method_case() -> Case:
    """A case of default inputs on the shipped catalogue, for the method page and its tests."""
    return Case(Scenario(name="method", task="chat"), open_catalogue())


def verdict(name: str, draws: Array, published: float) -> Row:
    """A row of a table that holds a published figure beside ours, in its unit."""
    low, middle, high = summary(draws)
    inside = low * (1 - ROUNDING) <= published <= high * (1 + ROUNDING)
    return (name, low, middle, high, published, middle / published, yes_or_no(inside))


VERDICT = (
    say("predicted, low"),
    say("predicted"),
    say("predicted, high"),
    say("published"),
    say("ratio"),
    say("inside"),
)


def training_table(case: Case) -> Table:
    """Published training energy [MWh] and carbon [t], from the inputs their publishers give."""
    rows = []
    for key in case.catalogue.keys("published_training"):
        name = f"published_training.{key}"
        mwh = _training_mwh(case, key)
        covers = case.catalogue.row("published_training", key)["energy_boundary"]
        if f"{name}.energy" in case:
            met = verdict(f"{_title(case, key)}, MWh", mwh, case.central(f"{name}.energy", "MWh"))
            rows.append((met[0], covers, *met[1:]))
        if f"{name}.carbon" in case:
            tonnes: Array = (
                np.asarray(grid.carbon_kg(mwh * 1000.0, case.draw(f"{name}.intensity", "g/kWh"))) / 1000.0
            )
            met = verdict(f"{_title(case, key)}, t", tonnes, case.central(f"{name}.carbon", "t"))
            rows.append((met[0], covers, *met[1:]))
    return Table(
        "method_training",
        say("Published training figures"),
        (say("run"), say("what it covers"), *VERDICT),
        tuple(rows),
        say(
            "From the publishers' hours, power and throughput; inside: in the 80 % interval or within 2 % "
            "of it."
        ),
    )


def _title(case: Case, key: str) -> str:
    return str(case.catalogue.row("published_training", key)["name"])


def _training_mwh(case: Case, key: str) -> Array:
    name = f"published_training.{key}"
    pue = case.draw(f"{name}.pue", "ratio") if f"{name}.pue" in case else 1.0
    power = case.draw(f"{name}.power", "W")
    if case.catalogue.row("published_training", key)["by"] == "hours":
        kwh = training.from_hours(case.draw(f"{name}.hours", "h"), power, pue)
    else:
        kwh = training.from_operations(
            case.draw(f"{name}.operations", "FLOP/param/tok"), case.draw(f"{name}.params", "param"),
            case.draw(f"{name}.tokens", "tok"), case.draw(f"{name}.achieved", "FLOP/s"), 1.0, power, pue,
        )  # fmt: skip
    mwh: Array = np.asarray(kwh) / 1000.0 + np.zeros(case.size)
    return mwh


def hours_table(case: Case) -> Table:
    """GPU-hours of Llama 3.1 from parameters and tokens, by the share of peak that grows with size."""
    rows = []
    for key in case.catalogue.keys("published_training"):
        name = f"published_training.{key}"
        if not {f"{name}.{part}" for part in ("hours", "params", "tokens")} <= set(
            case.catalogue.coefficients
        ):
            continue
        params = case.draw(f"{name}.params", "param")
        share = training.achieved_share(
            params, case.draw("training.share_scale", "ratio"), case.draw("training.share_growth", "ratio")
        )
        seconds = tuning.gpu_seconds(
            case.draw("training.flops_full", "FLOP/param/tok"), params, case.draw(f"{name}.tokens", "tok"),
            case.draw("gpus.h100_sxm.bf16", "FLOP/s"), share,
        )  # fmt: skip
        hours = np.asarray(seconds) * H_PER_S / 1e6
        rows.append(verdict(_title(case, key), hours, case.central(f"{name}.hours", "h") / 1e6))
    return Table(
        "method_hours",
        say("GPU-hours from parameters and tokens alone (million h)"),
        (say("run"), *VERDICT),
        tuple(rows),
        say("The share of peak is fitted through these three runs: how well does one curve hold them?"),
    )


def inference_table(case: Case) -> Table:
    """Published energy of a managed request [Wh] beside ours for a matching one."""
    rows = []
    for key in case.catalogue.keys("published_inference"):
        name, row = f"published_inference.{key}", case.catalogue.row("published_inference", key)
        shape = Shape(case.central(f"{name}.input", "tok"), case.central(f"{name}.output", "tok"))
        meter = serve(case, row["model"], shape).energy_kwh * case.draw(f"{name}.pue", "ratio")
        rows.append(verdict(row["name"], meter * 1000.0, case.central(f"{name}.energy", "Wh")))
    return Table(
        "method_inference",
        say("Published energy of a request to a managed service (Wh)"),
        (say("figure"), *VERDICT),
        tuple(rows),
        say(
            "Providers disclose neither model size, batch nor hardware: the interval spans what is unknown. "
            "Boundaries differ; see the published_inference table of the data."
        ),
    )


def runs_table(case: Case) -> Table:
    """Measured energy of open models on named GPUs [J], boards only, beside ours."""
    rows = []
    for key in case.catalogue.keys("published_runs"):
        name, row = f"published_runs.{key}", case.catalogue.row("published_runs", key)
        shape = Shape(case.central(f"{name}.input", "tok"), case.central(f"{name}.output", "tok"))
        how = Serving(
            row["gpu"], int(row["gpus"]), case.central(f"{name}.batch", "item"), row["precision"], 1.0
        )
        joules = serve(case, row["model"], shape, how).work_kwh * 3600.0 * 1000.0
        rows.append(verdict(row["name"], joules, case.central(f"{name}.energy", "J")))
    return Table(
        "method_runs",
        say("Measured energy of open models at their best batch (J, GPU boards)"),
        (say("run"), *VERDICT),
        tuple(rows),
    )


def opinions_table(case: Case) -> Table:
    """EcoLogits' estimate of one request beside ours [Wh, IT], and why they differ."""
    rows: list[Row] = []
    why = ""
    tokens_in, tokens_out = OPINION_SHAPE
    for model in OPINION:
        other = second_opinion(case, model, tokens_out) if model in case.catalogue.keys("models") else None
        if other is None:
            continue
        ours = summary(serve(case, model, Shape(tokens_in, tokens_out)).energy_kwh * 1000.0)
        theirs = (value * 1000.0 for value in (other.low_kwh, other.central_kwh, other.high_kwh))
        rows.append((model, *ours, *theirs))
        why = other.why
    return Table(
        "method_second_opinion",
        say("EcoLogits beside ours, managed service (Wh per request, IT)"),
        (
            say("model"),
            say("ours, low"),
            say("ours"),
            say("ours, high"),
            say("EcoLogits, low"),
            "EcoLogits",
            say("EcoLogits, high"),
        ),
        tuple(rows),
        say("1,000 tokens in, 300 out. {why}", why=why),
    )
