"""What a model's ``config.json`` tells: its structure, where it starts, and what a request takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from advisor.catalogue import open_catalogue
from advisor.core.draws import Array, summary
from advisor.core.errors import AdvisorError, Fault, nearest
from advisor.core.files import read_text
from advisor.core.wording import number
from advisor.measured.measurement_text import columns
from advisor.scenario import Scenario
from advisor.scenario.attached import MAX_SCRAPE_BYTES
from advisor.scenario.scrapes import Running, running_batch
from advisor.system.case import Case
from advisor.system.open_model import OpenModel, open_model
from advisor.system.serving import Serving, Shape, max_batch, min_gpus, serve, start

USUAL = Scenario(name="model", task="chat")
BATCHES = (1, 8, 64, 256)  # requests at once shown where nobody measured them
MOST_GPUS = 16  # of one model, as of a machine of one's own
WH_PER_KWH = 1000.0
EIGHT_BITS, HALF_BYTE = 1.5, 0.75  # bytes a weight between 16, 8 and 4 bits, scales included


@dataclass(frozen=True, slots=True)
class Asked:
    """Hardware and request of a sheet.

    A ``count`` of 0 takes the fewest GPUs that start it, an empty ``precision`` the one it is shipped in.
    """

    gpu: str = "h100_sxm"
    count: int = 0
    precision: str = ""
    context: float = USUAL.quality.context_max_tokens
    input_tokens: float = USUAL.workload.input_tokens
    output_tokens: float = USUAL.workload.output_tokens


def model_sheet(config: Path, asked: Asked, scrapes: tuple[Path, ...] = ()) -> str:
    """The sheet as text. Raises AdvisorError listing what is missing, in the files or of the names."""
    case = Case(USUAL, open_catalogue())
    _check(case, asked)
    model = open_model(config)
    asked = replace(asked, precision=asked.precision or _shipped_in(model))
    running = None
    if scrapes:
        running = running_batch(*(read_text(path, MAX_SCRAPE_BYTES) for path in scrapes))
    fewest = min_gpus(case, model, asked.gpu, asked.precision, asked.context)
    gpus = asked.count or fewest or MOST_GPUS
    return "\n".join([
        _structure(model), "", *_starting(case, model, asked, gpus, fewest), "",
        *_energy(case, model, asked, gpus, running),
    ])  # fmt: skip


def _shipped_in(model: OpenModel) -> str:
    """The number format whose weights are nearest to those of the configuration."""
    return "bf16" if model.weight_bytes > EIGHT_BITS else "fp8" if model.weight_bytes > HALF_BYTE else "fp4"


def _check(case: Case, asked: Asked) -> None:
    tables = (("--gpu", "gpus", asked.gpu), ("--precision", "precisions", asked.precision))
    faults = [
        Fault(flag, f"one of {', '.join(case.catalogue.keys(table))}", repr(given),
              nearest(given, case.catalogue.keys(table)))
        for flag, table, given in tables
        if given and given not in case.catalogue.keys(table)
    ]  # fmt: skip
    sizes = {
        "--count": (asked.count, 0, MOST_GPUS), "--context": (asked.context, 1, 1e7),
        "--input": (asked.input_tokens, 1, 1e6), "--output": (asked.output_tokens, 1, 1e5),
    }  # fmt: skip
    faults += [
        Fault(flag, f"a number from {least:g} to {most:g}", f"{given:g}")
        for flag, (given, least, most) in sizes.items()
        if not least <= given <= most
    ]
    if faults:
        raise AdvisorError("The sheet cannot be made.", faults)


def _structure(model: OpenModel) -> str:
    trained = f"{number(model.context_tokens)} tokens" if model.context_tokens else "not told"
    rows = [
        ["parameters", f"{model.total_params / 1e9:,.2f} billion"],
        ["of them at work for a token", f"{model.active_params / 1e9:,.2f} billion"],
        ["layers", f"{model.layers:g}"],
        ["cache of a token at 16 bit", f"{model.kv_bytes:,.0f} B"],
        ["state of a request", f"{model.state_bytes:,.0f} B"],
        ["longest context it was trained for", trained],
        ["weights as shipped", f"{model.weight_bytes:g} B a parameter"],
    ]
    if model.experts_total:
        rows.insert(3, ["experts", f"{model.experts_active:g} of {model.experts_total:g}"])
    if model.window_share:
        rows.insert(-3, ["windowed", f"{model.window_share:.0%}, {model.window_tokens:,.0f} tokens"])
    return f"{model.name}\n{columns(rows)}"


def _starting(case: Case, model: OpenModel, asked: Asked, gpus: int, fewest: int | None) -> list[str]:
    found = start(case, model, asked.gpu, gpus, asked.precision, asked.context)
    name = case.catalogue.row("gpus", asked.gpu)["name"]
    starts = "starts" if found.starts else "does not start"
    weights = f"{found.weights_gb:,.1f} GB of weights in {found.memory_gb:,.1f} GB that may be filled"
    lines = [f"{gpus} × {name}, {asked.precision}: {starts}; {weights}."]
    if found.starts:
        lines.append(
            f"Longest context that fits: {number(found.longest_context)} tokens; "
            f"{found.requests:,} requests of {number(asked.context)} tokens at once."
        )
    elif fewest:
        lines.append(f"It needs {fewest} of them.")
    else:
        lines.append(
            f"It does not start on {MOST_GPUS} of them: take larger GPUs, fewer bits or a shorter context."
        )
    return lines


def _energy(
    case: Case, model: OpenModel, asked: Asked, gpus: int, running: Running | None
) -> list[str]:  # fmt: skip
    shape = Shape(asked.input_tokens, asked.output_tokens)
    most = max_batch(case, model, asked.gpu, gpus, asked.precision, asked.input_tokens + asked.output_tokens)
    if not most:
        return ["No request fits, so none is priced."]
    batches = [float(b) for b in BATCHES if b <= most] if running is None else [min(running.batch, most)]

    def row(label: str, batch: float | Array) -> list[str]:
        served = serve(case, model, shape, Serving(asked.gpu, gpus, batch, asked.precision, 1.0))
        figures = (served.work_kwh * WH_PER_KWH, (served.work_kwh + served.host_kwh) * WH_PER_KWH)
        told = [f"{middle:.4g} ({low:.4g} to {high:.4g})" for low, middle, high in map(summary, figures)]
        return [label, *told, f"{summary(served.first_token_s)[1]:.2f} s"]

    table = [["requests at once", "GPU boards, Wh a request", "with the server, Wh", "first token"]]
    table += [row(f"{batch:g}" if running is None else f"{batch:.1f}, measured", batch) for batch in batches]
    said = f"{number(asked.input_tokens)} tokens in, {number(asked.output_tokens)} out, no idle time, no PUE"
    lines = [columns(table), f"{said}; 80 % ranges."]
    if running is not None:
        seen = f"{running.output_tokens:,.0f} tokens were written, {running.batch:.1f} a step"
        lines.append(f"Between the scrapes {seen}.")
    return lines
