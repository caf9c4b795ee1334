"""The command line: ``advisor`` and ``python -m advisor``."""

from __future__ import annotations

import argparse
import atexit
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from advisor import commands
from advisor.commands import FORMATS, USUAL, printable
from advisor.core.addresses import is_elsewhere
from advisor.core.cycle_collection import BRIEF, look_seldom, pass_over
from advisor.core.errors import AdvisorError, Fault, quoted
from advisor.core.saying import ENGLISH, here, say

Command = Callable[[argparse.Namespace], int | None]

FAULT = 2
# the longest message about an option
MESSAGE = 400
LANGUAGE = "language of what is written for people, such as de; files for programs are in English"
LASTING = (commands.app, commands.lab)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0, or 2 after printing every fault of the input."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    if arguments is None and command not in LASTING:
        _be_brief()
    try:
        _only_here(options)
        return command(options) or 0
    except AdvisorError as error:
        with commands.spoken(options):
            print(printable(here(str(error))), file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        sys.stdout = None  # whoever read along has gone: nothing to flush
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _be_brief() -> None:
    """Spare a command that is soon over what only a long life repays: a third of the time of a short one.

    Rubbish is looked for seldom, and not once more at the end: memory goes with the process. pydantic does
    not look through all installed packages for plugins, of which a scenario's fields need none.
    """
    look_seldom(BRIEF)
    atexit.register(pass_over)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _only_here(options: argparse.Namespace) -> None:
    """Refuse addresses in place of paths before anything is opened. Raises AdvisorError naming each."""
    faults = [
        Fault(str(path), say("{name}: a path on this machine", name=name), say("an address"))
        for name, given in vars(options).items()
        for path in (given if isinstance(given, list) else [given])
        if isinstance(path, Path) and is_elsewhere(path)
    ]
    if faults:
        told = say("Files are read and written on this machine only; nothing was opened.")
        raise AdvisorError(told, faults)


class _Parser(argparse.ArgumentParser):
    """Tells what it cannot take without repeating all of it."""

    def error(self, message: str) -> NoReturn:
        super().error(quoted(message, MESSAGE))


def _language(key: str) -> str:
    """A language there is; which ones is looked up once somebody asks for one."""
    from advisor.catalogue.translations import keys

    if key not in keys():
        known = ", ".join(map(repr, keys()))
        raise argparse.ArgumentTypeError(f"invalid choice: {key!r} (choose from {known})")
    return key


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="advisor", description="A decision advisor for sustainable generative AI.")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[[argparse.Namespace], int | None], about: str, told: bool = True
    ) -> argparse.ArgumentParser:
        command = parsers.add_parser(name, help=about, description=about)
        command.set_defaults(command=run, language=ENGLISH.key)
        if told:
            command.add_argument("--language", type=_language, metavar="KEY", help=LANGUAGE)
        return command

    report = add(
        "report", commands.report, "run the five steps; write report, record, plan.json and workbook"
    )
    report.add_argument("scenario", type=Path, help="a scenario, or a folder of scenarios")
    report.add_argument("-o", "--output", type=Path, default=Path("reports"), metavar="DIR")
    _add_set(report)
    report.add_argument("--offline", action="store_true", help="ignore refreshed values")
    report.add_argument("--format", default=",".join(USUAL), metavar="LIST", help=f"of {', '.join(FORMATS)}")

    compare = add("compare", commands.compare, "put scenarios, or saved plans, side by side")
    compare.add_argument("scenarios", type=Path, nargs="+", metavar="SCENARIO")

    _add_plans(add)

    new = add("new", commands.new, "start a scenario", told=False)
    new.add_argument("name", help="the file to write, NAME or NAME.yaml")
    new.add_argument("--from", dest="template", metavar="TEMPLATE", help="one of the shipped templates")

    check = add("check", commands.check, "check a scenario and say what is still a default")
    check.add_argument("scenario", type=Path)
    _add_set(check)

    _add_usage(add)

    validate = add("validate", commands.validate, "predict measured configurations and print the error")
    validate.add_argument("measurements", type=Path)
    validate.add_argument("-o", "--output", type=Path, metavar="FILE")

    calibrate = add("calibrate", commands.calibrate, "fit the energy model to your own measurements")
    calibrate.add_argument("measurements", type=Path)
    calibrate.add_argument("-o", "--output", type=Path, default=Path("energy_model.yaml"), metavar="FILE")

    _add_model(add)

    evidence = add("evidence", commands.evidence, "list the figures the advice rests on")
    evidence.add_argument("--stale", type=int, metavar="DAYS", help="only those checked longer ago")
    evidence.add_argument("--scenario", type=Path, help="only those this scenario's plan uses")
    evidence.add_argument("--format", choices=("table", "csv", "json"), default="table")
    evidence.add_argument("--offline", action="store_true", help="ignore refreshed values")

    _add_measured(add)

    refresh = add("refresh", commands.refresh, "fetch live prices or grid intensities", told=False)
    refresh.add_argument("what", choices=("prices", "grid"), nargs="?", default="prices")

    add("lab", commands.lab, "open JupyterLab at the first notebook", told=False)
    serving = "serve the web app: one session a visitor, a few shared workers"
    _add_app(add("app", commands.app, serving, told=False))
    return parser


def _add_usage(add: Callable[..., argparse.ArgumentParser]) -> None:
    usage = add("usage", commands.usage, "turn request logs into a traffic profile")
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


def _add_plans(add: Callable[..., argparse.ArgumentParser]) -> None:
    front = add(
        "front", commands.front, "search all plans exactly: the best by each aim, and what steps forgo"
    )
    front.add_argument("scenario", type=Path)
    limits = "of a year: carbon [kg], cost [USD], water [L]"
    front.add_argument("--budget", nargs="+", default=[], metavar="NAME=VALUE", help=limits)
    front.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write every plan of the front as CSV"
    )
    _add_set(front)
    group = add("group", commands.group, "hold every role's weights against all plans")
    group.add_argument("scenario", type=Path)
    group.add_argument("roles", type=Path, help="a YAML file with weights by role")
    disclose = add(
        "disclose", commands.disclose, "write disclosure.csv and .xlsx for a sustainability report"
    )
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
    model = add("model", commands.model, "read a model's config.json: structure, whether it starts, energy")
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
    measured = add("measured", commands.measured, "put an Azure emissions export or a bill beside a plan")
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
