"""What each command of the command line does; every one opens only the rooms it needs."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from advisor.catalogue.today import today
from advisor.core.errors import AdvisorError, Fault, LogError, ScenarioError
from advisor.core.files import plain_value
from advisor.core.saying import here, say, speaking

# what a report is made of, and what of it is written unless asked otherwise
USUAL = ("html", "md", "json", "xlsx", "files")
FORMATS = (*USUAL, "pdf", "full")
# what a terminal would obey rather than show: names in files and logs may hold it
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def printable(text: str) -> str:
    """Text in which control characters stand as escapes."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def settings(pairs: Sequence[str], flag: str = "--set") -> dict[str, Any]:
    """``workload.requests_per_day=50000`` as path and value. Raises ScenarioError."""
    values: dict[str, Any] = {}
    for pair in pairs:
        path, equals, value = pair.partition("=")
        if not equals or not path:
            raise ScenarioError(say("A setting cannot be read."), [Fault(flag, "PATH=VALUE", repr(pair))])
        try:
            values[path] = plain_value(value, f"{flag} {path}")
        except ScenarioError as error:
            raise ScenarioError(say("A setting cannot be read."), error.faults) from error
    return values


def _tell(text: str) -> None:
    """Print a text, in the language spoken."""
    print(printable(here(text)), flush=True)


def spoken(options: argparse.Namespace) -> AbstractContextManager[None]:
    """Within it, a command tells in the language that was asked for. Raises UnknownNameError."""
    from advisor.catalogue.translations import language

    return speaking(language(options.language))


def report(options: argparse.Namespace) -> None:
    """Decide and write the report and what belongs to it."""
    formats = [part.strip() for part in options.format.split(",") if part.strip()]
    unknown = [part for part in formats if part not in FORMATS]
    if unknown or not formats:
        known = say("one of {names}", names=", ".join(FORMATS))
        fault = Fault("--format", known, ", ".join(unknown) or say("none"))
        raise AdvisorError(say("A format is not known."), [fault])
    from advisor.outputs.report import write_report

    if options.offline:
        os.environ["ADVISOR_OFFLINE"] = "1"  # for the notebook's process too
    if options.scenario.is_dir():
        _reports(options, formats)
        return
    asked = (options.scenario, options.output, settings(options.set), formats)
    for path in write_report(*asked, _tell, options.language):
        _tell(str(path))


def _reports(options: argparse.Namespace, formats: Sequence[str]) -> None:
    from advisor.outputs.batch import write_batch

    if "pdf" in formats:
        fault = Fault("--format", say("no pdf for a folder"), "pdf")
        raise AdvisorError(say("A folder is not printed."), [fault])
    asked = (options.scenario, options.output, settings(options.set), formats)
    found = write_batch(*asked, _tell, options.language)
    _tell(f"{len(found)} files; begin with {found[-1]}")


def compare(options: argparse.Namespace) -> None:
    """Print scenarios side by side."""
    from advisor.outputs.compare import compared

    with spoken(options):
        _tell(compared(options.scenarios))


def front(options: argparse.Namespace) -> None:
    """Print the best of all plans by each aim."""
    from advisor.outputs.joint_plan import front_text

    budgets = settings(options.budget, "--budget")
    with spoken(options):
        _tell(front_text(options.scenario, settings(options.set), budgets, options.output))


def group(options: argparse.Namespace) -> None:
    """Print how the choice stands under every role's weights."""
    from advisor.outputs.joint_plan import group_text

    with spoken(options):
        _tell(group_text(options.scenario, options.roles))


def disclose(options: argparse.Namespace) -> None:
    """Write the disclosure as CSV and workbook."""
    from advisor.outputs.disclosure import write_disclosure

    for path in write_disclosure(options.scenario, options.output, settings(options.set), options.language):
        _tell(str(path))


def new(options: argparse.Namespace) -> None:
    """Start a scenario."""
    from advisor.system.opening import new_scenario

    path = new_scenario(options.name, options.template)
    _tell(f"wrote {path}")
    file = shlex.quote(str(path))
    _tell(f"Next: change in it what is yours, then: advisor check {file}; advisor report {file}")


def check(options: argparse.Namespace) -> None:
    """Print what a scenario says, and what nobody has confirmed."""
    from advisor.system.confirmed import explain
    from advisor.system.opening import open_case

    case = open_case(options.scenario, settings(options.set))
    if case.given.today is not None:  # only the steps know what can run today, and take a while to load
        from advisor.steps import check_today

        check_today(case)
    with spoken(options):
        _tell(explain(case))


def usage(options: argparse.Namespace) -> None:
    """Turn logs, or a bill, into a traffic profile."""
    from advisor.measured.bill import is_bill, read_bill
    from advisor.outputs.bill_beside_plan import described
    from advisor.scenario.traffic import save_traffic
    from advisor.system.baseline import named_models, unseen_hours, with_baseline
    from advisor.system.opening import log_case
    from advisor.usage import describe, read_usage
    from advisor.usage.finding import find

    files = [Path(file) for file in find(options.logs)]
    if all(is_bill(file) for file in files):
        with spoken(options):
            for file in files:
                _tell(described(read_bill(file)))
            _tell(
                say(
                    "A bill counts no requests, so no profile is written; "
                    "`advisor measured` puts it beside a plan."
                )
            )
        return
    mapping = dict(_pairs("--map", options.map.split(","))) or None
    case = log_case(options.scenario)
    models = named_models(_pairs("--model", options.model), case.catalogue)
    unseen = unseen_hours(case.catalogue)
    read = read_usage(
        options.logs, mapping, options.engine, options.connect, _tell, options.tz, unseen, models, ask=True,
        dates=options.dates,
    )  # fmt: skip
    traffic = with_baseline(read, case)
    save_traffic(traffic, options.output)
    with spoken(options):
        _tell(describe(traffic))
    _tell(f"wrote {options.output}")


def _pairs(flag: str, said: Sequence[str]) -> list[tuple[str, str]]:
    """``NAME=VALUE`` as pairs. Raises LogError for anything else."""
    pairs = [part.partition("=") for part in said if part.strip()]
    faults = [Fault(flag, "NAME=VALUE", repr(name + equals)) for name, equals, value in pairs
              if not (name.strip() and value.strip())]  # fmt: skip
    if faults:
        raise LogError(say("A name cannot be read."), faults)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def validate(options: argparse.Namespace) -> None:
    """Print the errors of predictions against measurements."""
    from advisor.measured.commands import validate

    with spoken(options):
        _tell(validate(options.measurements, options.output))


def calibrate(options: argparse.Namespace) -> None:
    """Fit the energy model to measurements."""
    from advisor.measured.commands import calibrate

    with spoken(options):
        _tell(calibrate(options.measurements, options.output))


def model(options: argparse.Namespace) -> None:
    """Print what a config.json tells of a model."""
    from advisor.outputs.model_sheet import Asked, model_sheet

    sizes = {"context": options.context, "input_tokens": options.input, "output_tokens": options.output}
    said = {name: size for name, size in sizes.items() if size is not None}
    asked = Asked(options.gpu, options.count, options.precision, **said)
    with spoken(options):
        _tell(model_sheet(options.config, asked, tuple(options.metrics)))


def evidence(options: argparse.Namespace) -> None:
    """Print the figures that the advice rests on."""
    from advisor.outputs.evidence_listing import listing

    if options.stale is not None and options.stale < 0:
        fault = Fault("--stale", say("days, 0 or more"), str(options.stale))
        raise AdvisorError(say("An age is not below nothing."), [fault])
    with spoken(options):
        _tell(listing(options.scenario, options.stale, options.format, today(), options.offline).rstrip("\n"))


def measured(options: argparse.Namespace) -> None:
    """Print measured emissions, or a bill, beside the plan."""
    from advisor.measured.bill import is_bill

    if is_bill(options.export):
        from advisor.outputs.bill_beside_plan import billed

        with spoken(options):
            _tell(billed(options.export, options.scenario))
        return
    from advisor.outputs.measured_emissions import measured

    with spoken(options):
        _tell(measured(options.export, options.scenario, options.group))


def refresh(options: argparse.Namespace) -> None:
    """Fetch live values, the one command that asks the network."""
    from advisor.catalogue.refresh import refresh

    _tell(refresh(options.what))


def lab(options: argparse.Namespace) -> int:
    """Open JupyterLab."""
    from advisor.serve.lab import lab
    from advisor.view.workspace import workspace

    return lab(workspace())


def app(options: argparse.Namespace) -> int:
    """Serve the web app."""
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
