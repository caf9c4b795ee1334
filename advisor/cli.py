"""The command line: ``advisor`` and ``python -m advisor``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from advisor.core.addresses import is_elsewhere
from advisor.core.errors import AdvisorError, Fault, LogError, ScenarioError, quoted
from advisor.core.files import plain_value

# what a terminal would obey rather than show: names in files and logs may hold it
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def printable(text: str) -> str:
    """Text in which control characters stand as escapes."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


Command = Callable[[argparse.Namespace], int | None]

FAULT = 2
# the longest message about an option
MESSAGE = 400
FORMATS = ("html", "md", "json", "pdf", "files")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0, or 2 after printing every fault of the input."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        _only_here(options)
        return command(options) or 0
    except AdvisorError as error:
        print(printable(str(error)), file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        sys.stdout = None  # whoever read along has gone: nothing to flush
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _only_here(options: argparse.Namespace) -> None:
    """Refuse addresses in place of paths before anything is opened. Raises AdvisorError naming each."""
    faults = [
        Fault(str(path), f"{name}: a path on this machine", "an address")
        for name, given in vars(options).items()
        for path in (given if isinstance(given, list) else [given])
        if isinstance(path, Path) and is_elsewhere(path)
    ]
    if faults:
        raise AdvisorError("Files are read and written on this machine only; nothing was opened.", faults)


class _Parser(argparse.ArgumentParser):
    """Tells what it cannot take without repeating all of it."""

    def error(self, message: str) -> NoReturn:
        super().error(quoted(message, MESSAGE))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="advisor", description="A decision advisor for sustainable generative AI.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[[argparse.Namespace], int | None], about: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(command=run)
        return command

    report = add("report", _report, "run the five steps and write report.html, decision-record.md, plan.json")
    report.add_argument("scenario", type=Path)
    report.add_argument("-o", "--output", type=Path, default=Path("reports"), metavar="DIR")
    _add_set(report)
    report.add_argument("--offline", action="store_true", help="ignore refreshed values")
    report.add_argument("--format", default="html,md,json", metavar="LIST", help=f"of {', '.join(FORMATS)}")

    compare = add("compare", _compare, "put scenarios side by side")
    compare.add_argument("scenarios", type=Path, nargs="+", metavar="SCENARIO")

    _add_plans(add)

    new = add("new", _new, "start a scenario")
    new.add_argument("name", help="the file to write, NAME or NAME.yaml")
    new.add_argument("--from", dest="template", metavar="TEMPLATE", help="one of the shipped templates")

    check = add("check", _check, "check a scenario and say what is still a default")
    check.add_argument("scenario", type=Path)
    _add_set(check)

    usage = add("usage", _usage, "turn request logs into a traffic profile")
    usage.add_argument("logs", nargs="+", metavar="LOG")
    usage.add_argument("-o", "--output", type=Path, default=Path("traffic.yaml"), metavar="FILE")
    usage.add_argument(
        "--map", default="", metavar="NAME=COLUMN,...", help="timestamp=...,input=...,output=..."
    )
    usage.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    usage.add_argument("--tz", metavar="ZONE", help="zone of times that name none, as Europe/Paris; else UTC")
    home = "whose home region and measurements the baseline of today's models takes"
    usage.add_argument("--scenario", type=Path, metavar="FILE", help=home)
    usage.add_argument("--connect", metavar="sc://HOST", help="a Spark Connect address")
    served = "the model behind a deployment's name, as chat-prod=gpt-5-mini"
    usage.add_argument("--model", nargs="+", action="extend", default=[], metavar="NAME=MODEL", help=served)
    slashes = "what comes first in dates with slashes, where the log leaves it open"
    usage.add_argument("--dates", choices=("day", "month"), default="", help=slashes)

    validate = add("validate", _validate, "predict measured configurations and print the error")
    validate.add_argument("measurements", type=Path)
    validate.add_argument("-o", "--output", type=Path, metavar="FILE")

    calibrate = add("calibrate", _calibrate, "fit the energy model to your own measurements")
    calibrate.add_argument("measurements", type=Path)
    calibrate.add_argument("-o", "--output", type=Path, default=Path("energy_model.yaml"), metavar="FILE")

    _add_model(add)

    evidence = add("evidence", _evidence, "list the figures the advice rests on")
    evidence.add_argument("--stale", type=int, metavar="DAYS", help="only those checked longer ago")
    evidence.add_argument("--scenario", type=Path, help="only those this scenario's plan uses")
    evidence.add_argument("--format", choices=("table", "csv", "json"), default="table")
    evidence.add_argument("--offline", action="store_true", help="ignore refreshed values")

    _add_measured(add)

    refresh = add("refresh", _refresh, "fetch live prices or grid intensities")
    refresh.add_argument("what", choices=("prices", "grid"), nargs="?", default="prices")

    add("lab", _lab, "open JupyterLab at the first notebook")
    _add_app(add("app", _app, "serve the web app: one session a visitor, a few shared workers"))
    return parser


def _add_plans(add: Callable[..., argparse.ArgumentParser]) -> None:
    front = add("front", _front, "search all plans exactly: the best by each aim, and what steps forgo")
    front.add_argument("scenario", type=Path)
    limits = "of a year: carbon [kg], cost [USD], water [L]"
    front.add_argument("--budget", nargs="+", default=[], metavar="NAME=VALUE", help=limits)
    front.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write every plan of the front as CSV"
    )
    _add_set(front)
    group = add("group", _group, "hold every role's weights against all plans")
    group.add_argument("scenario", type=Path)
    group.add_argument("roles", type=Path, help="a YAML file with weights by role")
    disclose = add("disclose", _disclose, "write disclosure.csv and .xlsx for a sustainability report")
    disclose.add_argument("scenario", type=Path)
    disclose.add_argument("-o", "--output", type=Path, default=Path("reports"), metavar="DIR")
    _add_set(disclose)


def _add_app(app: argparse.ArgumentParser) -> None:
    app.add_argument("--port", type=int, default=8866)
    app.add_argument("--address", default="127.0.0.1", help="to listen on; 0.0.0.0 for every network")
    app.add_argument("--sessions", type=int, default=40, metavar="N", help="visitors at a time; others wait")
    app.add_argument("--memory", type=int, default=4000, metavar="MB", help="what all of it may hold")
    app.add_argument("--base-url", default="/", metavar="/PREFIX/", help="where a proxy puts it")
    app.add_argument("--host-name", action="append", default=[], metavar="HOST", help="a host it answers to")
    app.add_argument("--origin", action="append", default=[], metavar="ORIGIN", help="whose pages may ask")
    app.add_argument(
        "--framed-by", action="append", default=[], metavar="ORIGIN", help="self, or whose pages may frame it"
    )
    app.add_argument("--behind-proxy", action="store_true", help="trust the proxy's forwarded headers")
    app.add_argument("--voila", action="store_true", help="for one user: the notebook's panels, by Voila")


def _add_model(add: Callable[..., argparse.ArgumentParser]) -> None:
    model = add("model", _model, "read a model's config.json: structure, whether it starts, energy")
    model.add_argument("config", type=Path, metavar="CONFIG.json")
    model.add_argument("--gpu", default="h100_sxm", metavar="KEY", help="a GPU of the catalogue")
    model.add_argument("--count", type=int, default=0, metavar="N", help="GPUs of a replica; else the fewest")
    model.add_argument("--precision", default="", metavar="KEY", help="bf16, fp8, fp4...; else as shipped")
    model.add_argument("--context", type=float, metavar="TOKENS", help="longest request")
    model.add_argument("--input", type=float, metavar="TOKENS")
    model.add_argument("--output", type=float, metavar="TOKENS")
    scrapes = "two scrapes of vLLM's /metrics: the requests at once"
    model.add_argument("--metrics", type=Path, nargs=2, default=(), metavar=("BEFORE", "AFTER"), help=scrapes)


def _add_measured(add: Callable[..., argparse.ArgumentParser]) -> None:
    measured = add("measured", _measured, "put an Azure emissions export or a bill beside a plan")
    exports = (
        "a Carbon Optimization export (CSV, or the API's JSON), or a FOCUS or Cost Management bill (CSV)"
    )
    measured.add_argument("export", type=Path, help=exports)
    measured.add_argument("scenario", type=Path)
    measured.add_argument("--group", metavar="NAME", help="only this resource group")


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH=VALUE",
        help="change an input for this run",
    )


def settings(pairs: Sequence[str], flag: str = "--set") -> dict[str, Any]:
    """``workload.requests_per_day=50000`` as path and value. Raises ScenarioError."""
    values: dict[str, Any] = {}
    for pair in pairs:
        path, equals, value = pair.partition("=")
        if not equals or not path:
            raise ScenarioError("A setting cannot be read.", [Fault(flag, "PATH=VALUE", repr(pair))])
        try:
            values[path] = plain_value(value, f"{flag} {path}")
        except ScenarioError as error:
            raise ScenarioError("A setting cannot be read.", error.faults) from error
    return values


def _say(text: str) -> None:
    print(printable(text), flush=True)


def _report(options: argparse.Namespace) -> None:
    formats = [part.strip() for part in options.format.split(",") if part.strip()]
    unknown = [part for part in formats if part not in FORMATS]
    if unknown or not formats:
        raise AdvisorError(
            "A format is not known.",
            [Fault("--format", f"of {', '.join(FORMATS)}", ", ".join(unknown) or "none")],
        )
    from advisor.outputs.report import write_report

    if options.offline:
        os.environ["ADVISOR_OFFLINE"] = "1"  # for the notebook's process too
    for path in write_report(options.scenario, options.output, settings(options.set), formats, _say):
        _say(str(path))


def _compare(options: argparse.Namespace) -> None:
    from advisor.outputs.compare import compared

    _say(compared(options.scenarios))


def _front(options: argparse.Namespace) -> None:
    from advisor.outputs.joint_plan import front_text

    _say(
        front_text(
            options.scenario, settings(options.set), settings(options.budget, "--budget"), options.output
        )
    )


def _group(options: argparse.Namespace) -> None:
    from advisor.outputs.joint_plan import group_text

    _say(group_text(options.scenario, options.roles))


def _disclose(options: argparse.Namespace) -> None:
    from advisor.outputs.disclosure import write_disclosure

    for path in write_disclosure(options.scenario, options.output, settings(options.set)):
        _say(str(path))


def _new(options: argparse.Namespace) -> None:
    from advisor.system.opening import new_scenario

    _say(f"wrote {new_scenario(options.name, options.template)}")


def _check(options: argparse.Namespace) -> None:
    from advisor.system.opening import explain, open_case

    _say(explain(open_case(options.scenario, settings(options.set))))


def _usage(options: argparse.Namespace) -> None:
    from advisor.measured.bill import is_bill, read_bill
    from advisor.outputs.billed import described
    from advisor.scenario.traffic import save_traffic
    from advisor.system.baseline import named_models, unseen_hours, with_baseline
    from advisor.system.opening import log_case
    from advisor.usage import describe, read_usage
    from advisor.usage.finding import find

    files = [Path(file) for file in find(options.logs)]
    if all(is_bill(file) for file in files):
        for file in files:
            _say(described(read_bill(file)))
        _say("A bill counts no requests, so no profile is written; `advisor measured` puts it beside a plan.")
        return
    mapping = dict(_pairs("--map", options.map.split(","))) or None
    case = log_case(options.scenario)
    models = named_models(_pairs("--model", options.model), case.catalogue)
    unseen = unseen_hours(case.catalogue)
    read = read_usage(
        options.logs, mapping, options.engine, options.connect, _say, options.tz, unseen, models, ask=True,
        dates=options.dates,
    )  # fmt: skip
    traffic = with_baseline(read, case)
    save_traffic(traffic, options.output)
    _say(describe(traffic))
    _say(f"wrote {options.output}")


def _pairs(flag: str, said: Sequence[str]) -> list[tuple[str, str]]:
    """``NAME=VALUE`` as pairs. Raises LogError for anything else."""
    pairs = [part.partition("=") for part in said if part.strip()]
    faults = [Fault(flag, "NAME=VALUE", repr(name + equals)) for name, equals, value in pairs
              if not (name.strip() and value.strip())]  # fmt: skip
    if faults:
        raise LogError("A name cannot be read.", faults)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _validate(options: argparse.Namespace) -> None:
    from advisor.measured.commands import validate

    _say(validate(options.measurements, options.output))


def _calibrate(options: argparse.Namespace) -> None:
    from advisor.measured.commands import calibrate

    _say(calibrate(options.measurements, options.output))


def _model(options: argparse.Namespace) -> None:
    from advisor.outputs.model_sheet import Asked, model_sheet

    sizes = {"context": options.context, "input_tokens": options.input, "output_tokens": options.output}
    said = {name: size for name, size in sizes.items() if size is not None}
    asked = Asked(options.gpu, options.count, options.precision, **said)
    _say(model_sheet(options.config, asked, tuple(options.metrics)))


def _evidence(options: argparse.Namespace) -> None:
    from advisor.outputs.evidence_listing import listing

    today = date.today()  # noqa: DTZ011  an age in days, on the reader's own calendar
    _say(listing(options.scenario, options.stale, options.format, today, options.offline).rstrip("\n"))


def _measured(options: argparse.Namespace) -> None:
    from advisor.measured.bill import is_bill

    if is_bill(options.export):
        from advisor.outputs.billed import billed

        _say(billed(options.export, options.scenario))
        return
    from advisor.outputs.measured_emissions import measured

    _say(measured(options.export, options.scenario, options.group))


def _refresh(options: argparse.Namespace) -> None:
    from advisor.catalogue.refresh import refresh

    _say(refresh(options.what))


def _lab(options: argparse.Namespace) -> int:
    from advisor.serve.lab import lab

    return lab()


def _app(options: argparse.Namespace) -> int:
    if options.voila:
        from advisor.serve.lab import app

        return app(options.port)
    from advisor.serve.app import Settings, serve

    framed_by = tuple("'self'" if origin == "self" else origin for origin in options.framed_by)
    return serve(
        Settings(
            options.port,
            options.address,
            options.sessions,
            options.memory,
            options.base_url,
            tuple(options.host_name),
            tuple(options.origin),
            framed_by,
            behind_proxy=options.behind_proxy,
        )
    )
