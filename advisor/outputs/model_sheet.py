"""What a model's ``config.json`` tells: its structure, where it starts, and what a request takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from advisor.catalogue import open_catalogue
from advisor.core.draws import Array, summary
from advisor.core.errors import AdvisorError, Fault, nearest
from advisor.core.files import read_text
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import number
from advisor.measured.measurement_text import columns
from advisor.scenario import Scenario
from advisor.scenario.attached import MAX_SCRAPE_BYTES
from advisor.scenario.scrapes import Running, running_batch
from advisor.system.case import Case
from advisor.system.open_model import OpenModel, open_model
from advisor.system.serving import Serving, max_batch, min_gpus, serve, start
from advisor.system.shape import Shape

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
    return joined("\n", [
        _structure(model), "", *_starting(case, model, asked, gpus, fewest), "",
        *_energy(case, model, asked, gpus, running),
    ])  # fmt: skip


def _shipped_in(model: OpenModel) -> str:
    """The number format whose weights are nearest to those of the configuration."""
    return "bf16" if model.weight_bytes > EIGHT_BITS else "fp8" if model.weight_bytes > HALF_BYTE else "fp4"


def _check(case: Case, asked: Asked) -> None:
    tables = (("--gpu", "gpus", asked.gpu), ("--precision", "precisions", asked.precision))
    faults = [
        Fault(flag, say("one of {keys}", keys=", ".join(case.catalogue.keys(table))), repr(given),
              nearest(given, case.catalogue.keys(table)))
        for flag, table, given in tables
        if given and given not in case.catalogue.keys(table)
    ]  # fmt: skip
    sizes = {
        "--count": (asked.count, 0, MOST_GPUS), "--context": (asked.context, 1, 1e7),
        "--input": (asked.input_tokens, 1, 1e6), "--output": (asked.output_tokens, 1, 1e5),
    }  # fmt: skip
    faults += [
        Fault(
            flag,
            say("a number from {least} to {most}", least=numeral(least, "g"), most=numeral(most, "g")),
            numeral(given, "g"),
        )
        for flag, (given, least, most) in sizes.items()
        if not least <= given <= most
    ]
    if faults:
        raise AdvisorError(say("The sheet cannot be made."), faults)


def _structure(model: OpenModel) -> str:
    trained = (
        say("{count} tokens", count=number(model.context_tokens)) if model.context_tokens else say("not told")
    )
    rows = [
        [say("parameters"), _billions(model.total_params)],
        [say("of them at work for a token"), _billions(model.active_params)],
        [say("layers"), numeral(model.layers, "g")],
    ]
    if model.experts_total:
        active, total = (numeral(count, "g") for count in (model.experts_active, model.experts_total))
        rows.append([say("experts"), say("{active} of {total}", active=active, total=total)])
    rows += [
        [say("cache of a token at 16 bit"), _bytes(model.kv_bytes)],
        [say("state of a request"), _bytes(model.state_bytes)],
    ]
    if model.window_share:
        part, tokens = numeral(model.window_share, ".0%"), numeral(model.window_tokens, ",.0f")
        rows.append([say("windowed"), say("{share}, {tokens} tokens", share=part, tokens=tokens)])
    rows += [
        [say("longest context it was trained for"), trained],
        [say("weights as shipped"), say("{bytes} B a parameter", bytes=numeral(model.weight_bytes, "g"))],
    ]
    return f"{model.name}\n{columns(rows)}"


def _billions(count: float) -> str:
    return say("{count} billion", count=numeral(count / 1e9, ",.2f"))


def _bytes(count: float) -> str:
    return say("{count} B", count=numeral(count, ",.0f"))


def _starting(case: Case, model: OpenModel, asked: Asked, gpus: int, fewest: int | None) -> list[str]:
    found = start(case, model, asked.gpu, gpus, asked.precision, asked.context)
    name = case.catalogue.row("gpus", asked.gpu)["name"]
    lines = [
        say(
            "{gpus} × {name}, {precision}: {starts}; "
            "{weights_gb} GB of weights in {memory_gb} GB that may be filled.",
            gpus=gpus,
            name=name,
            precision=asked.precision,
            starts=say("starts") if found.starts else say("does not start"),
            weights_gb=numeral(found.weights_gb, ",.1f"),
            memory_gb=numeral(found.memory_gb, ",.1f"),
        )
    ]
    if found.starts:
        lines.append(
            say(
                "Longest context that fits: {longest} tokens; "
                "{requests} requests of {context} tokens at once.",
                longest=number(found.longest_context),
                requests=numeral(found.requests, ","),
                context=number(asked.context),
            )
        )
    elif fewest:
        lines.append(say("It needs {count} of them.", count=fewest))
    else:
        lines.append(
            say(
                "It does not start on {count} of them: take larger GPUs, fewer bits or a shorter context.",
                count=MOST_GPUS,
            )
        )
    return lines


def _energy(
    case: Case, model: OpenModel, asked: Asked, gpus: int, running: Running | None
) -> list[str]:  # fmt: skip
    shape = Shape(asked.input_tokens, asked.output_tokens)
    most = max_batch(case, model, asked.gpu, gpus, asked.precision, asked.input_tokens + asked.output_tokens)
    if not most:
        return [say("No request fits, so none is priced.")]
    batches = [float(b) for b in BATCHES if b <= most] if running is None else [min(running.batch, most)]

    def row(label: str, batch: float | Array) -> list[str]:
        served = serve(case, model, shape, Serving(asked.gpu, gpus, batch, asked.precision, 1.0))
        figures = (served.work_kwh * WH_PER_KWH, (served.work_kwh + served.host_kwh) * WH_PER_KWH)
        told = [
            say(
                "{middle} ({low} to {high})",
                middle=numeral(middle, ".4g"),
                low=numeral(low, ".4g"),
                high=numeral(high, ".4g"),
            )
            for low, middle, high in map(summary, figures)
        ]
        return [label, *told, say("{seconds} s", seconds=numeral(summary(served.first_token_s)[1], ".2f"))]

    table = [
        [
            say("requests at once"),
            say("GPU boards, Wh a request"),
            say("with the server, Wh"),
            say("first token"),
        ]
    ]
    table += [
        row(
            numeral(batch, "g") if running is None else say("{batch}, measured", batch=numeral(batch, ".1f")),
            batch,
        )
        for batch in batches
    ]
    said = say(
        "{input} tokens in, {output} out, no idle time, no PUE; 80 % ranges.",
        input=number(asked.input_tokens),
        output=number(asked.output_tokens),
    )
    lines = [columns(table), said]
    if running is not None:
        lines.append(
            say(
                "Between the scrapes {tokens} tokens were written, {batch} a step.",
                tokens=numeral(running.output_tokens, ",.0f"),
                batch=numeral(running.batch, ".1f"),
            )
        )
    return lines
