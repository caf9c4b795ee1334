"""Measured power of machines beside ours: replicas at part load, whole servers, requests at the wall.

None of these runs was fitted. Exhibits for the method page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Chart, Line, Table
from advisor.core.saying import gone_over, say
from advisor.core.wording import yes_or_no
from advisor.measured.measurements import BOUNDS, TEXT, Measurements
from advisor.measured.method import Row, verdict
from advisor.measured.prediction import predict
from advisor.scenario import Scenario
from advisor.system.case import Case
from advisor.system.hardware import chassis
from advisor.system.holding import PartLoad, part_load
from advisor.system.serving import Serving, host_power_w
from advisor.system.shape import Shape

HELD_MOST = 256.0  # most requests at once in those runs
SHARES = tuple(np.geomspace(0.01, 1.0, 25))  # of the highest rate tried, in the chart
OURS = (
    say("ours, low"),
    say("ours"),
    say("ours, high"),
    say("measured"),
    say("ratio"),
    say("inside"),
)
CURVES = ("llama_3_8b_h100_tp1", "llama_3_70b_h100_tp4", "gpt_oss_120b_a100_tp4")


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A replica held at part load as measured: power [W], the rate where it stops climbing [request/s]."""

    name: str
    idle_w: float
    busy_w: float
    knee: float
    highest: float

    def power_w(self, rate: Array) -> Array:
        """Power at ``rate``, which climbs evenly to the knee and then stays [W]."""
        found: Array = self.idle_w + (self.busy_w - self.idle_w) * np.minimum(rate / self.knee, 1.0)
        return found


def held(case: Case, key: str) -> Held:
    """A row of ``held_machines``, its load in requests a second."""
    name = f"held_machines.{key}"
    idle, busy = (case.central(f"{name}.{part}", "W") for part in ("idle", "busy"))
    reads, writes = (case.central(f"{name}.{part}", "tok/s") for part in ("reads", "writes"))
    each = case.central("held.input", "tok") / reads + case.central("held.output", "tok") / writes
    knee = case.central(f"{name}.knee", "ratio") / each
    title = case.catalogue.row("held_machines", key)["name"]
    return Held(title, idle, busy, knee, case.central("held.rate", "request/s"))


def held_ours(case: Case, key: str, rates: Array) -> PartLoad:
    """What we expect of that replica at ``rates`` [request/s], on the program that it ran."""
    name, row = f"held_machines.{key}", case.catalogue.row("held_machines", key)
    gpus = int(case.central(f"{name}.gpus", "item"))
    how = Serving(row["gpu"], gpus, HELD_MOST, row["precision"])
    shape = Shape(*(case.central(f"held.{part}", "tok") for part in ("input", "output")))
    full = part_load(case, row["model"], shape, how, np.ones(1))
    return part_load(case, row["model"], shape, how, rates / full.requests_per_s[0])


def _of_2025(case: Case) -> Case:
    """Default inputs with the serving program of late 2025, which the energy model takes as its unit."""
    known = case.catalogue.coefficient("energy_model.stack_host")
    then = case.catalogue.overridden([replace(known, low=1.0, central=1.0, high=1.0)])
    return Case(Scenario(name="method", task="chat"), then)


def held_table(case: Case) -> Table:
    """Measured power of replicas at part load [W] beside ours, on the program that they ran."""
    rows: list[Row] = []
    then = _of_2025(case)
    for key in case.catalogue.keys("held_machines"):
        seen = held(case, key)
        rates = np.array([0.0, seen.knee / 2.0, seen.highest])
        measured, ours = seen.power_w(rates), held_ours(then, key, rates).gpu_w
        pairs = [float(value) for pair in zip(measured, ours, strict=True) for value in pair]
        ratios = [float(ours[place] / measured[place]) for place in (1, 2)]
        rows.append((seen.name, *pairs[:4], ratios[0], *pairs[4:], ratios[1], seen.knee))
    return Table(
        "method_held",
        say("Replicas held at part load (W, GPU boards)"),
        (
            say("replica"),
            say("idle, measured"),
            say("idle, ours"),
            say("half way up, measured"),
            say("half way up, ours"),
            say("half way up, ratio"),
            say("busy, measured"),
            say("busy, ours"),
            say("busy, ratio"),
            say("power stops climbing at (requests/s)"),
        ),
        tuple(rows),
        say(
            "No such run was fitted. Half way up: at half the rate at which measured power stops climbing; "
            "busy: at four requests a second. Large dense models draw nearly all from the first requests "
            "on; small ones and mixtures rise with the load."
        ),
    )


def part_load_chart(case: Case) -> Chart:
    """Power of held replicas from 1 % to 100 % of four requests a second, measured and ours [W]."""
    lines = []
    then = _of_2025(case)
    for key in CURVES:
        seen = held(case, key)
        rates = np.array(SHARES) * seen.highest
        shares = tuple(share * 100.0 for share in SHARES)
        name = gone_over(_before_comma, seen.name)  # the GPUs are in the note: a legend has little room
        lines.append(
            Line(say("{name}, measured", name=name), shares, tuple(seen.power_w(rates)), style="points")
        )
        lines.append(Line(say("{name}, ours", name=name), shares, tuple(held_ours(then, key, rates).gpu_w)))
    return Chart(
        "method_part_load",
        say("Power of held replicas at part load"),
        say("share of four requests a second (%)"),
        say("power of all GPUs (W)"),
        tuple(lines),
        log_x=True,
        note=say(
            "On 1 H100, 4 H100, 4 A100. Measured: idle, busy, where power stops climbing; even in between."
        ),
    )


def _before_comma(name: str) -> str:
    return name.partition(",")[0]


def walls_table(case: Case) -> Table:
    """Measured AC power of whole servers [W] beside what the chassis makes of their GPUs' power."""
    rows = []
    for key in case.catalogue.keys("measured_nodes"):
        name, row = f"measured_nodes.{key}", case.catalogue.row("measured_nodes", key)
        each = case.draw(f"{name}.gpu_power", "W")
        ours = (each + host_power_w(case, row["gpu"], each)) * chassis(case, row["gpu"]).gpus
        rows.append(verdict(row["name"], ours, case.central(f"{name}.wall", "W")))
    return Table(
        "method_walls",
        say("Wall power of whole servers (W)"),
        (say("server"), *OURS),
        tuple(rows),
        say("From the power of the GPUs alone; none was fitted. How far servers differ is in the range."),
    )


def wall_requests_table(case: Case) -> Table:
    """Measured energy of a request at the wall of a whole server [J] beside ours."""
    found = predict(_at_the_wall(case), case.catalogue)
    rows: list[Row] = []
    for place, key in enumerate(case.catalogue.keys("measured_walls")):
        wall = case.central(f"measured_walls.{key}.wall", "J")
        low, ours, high = (float(of[place]) for of in (found.low_j, found.energy_j, found.high_j))
        title = case.catalogue.row("measured_walls", key)["name"]
        rows.append((title, low, ours, high, wall, ours / wall, yes_or_no(low <= wall <= high)))
    return Table(
        "method_wall_requests",
        say("Energy of a request at the wall (J, whole server)"),
        (say("run"), *OURS),
        tuple(rows),
        say("As `advisor validate` predicts rows of the scope wall_node8; none was fitted."),
    )


WALL_COLUMNS = {
    "total_params_b": ("params", "Bparam"), "active_params_b": ("params", "Bparam"),
    "layers": ("layers", "item"), "kv_bytes_per_token_16b": ("kv_bytes", "B/tok"),
    "kv_elem_bytes": ("cached_number", "B"), "n_gpus": ("gpus", "item"), "tp": ("replica", "item"),
    "power_cap_w": ("cap", "W"), "batch_size": ("batch", "item"), "input_tokens_mean": ("input", "tok"),
    "output_tokens_mean": ("output", "tok"), "energy_j_per_request": ("wall", "J"),
}  # fmt: skip


def _at_the_wall(case: Case) -> Measurements:
    """The rows of ``measured_walls`` as a table of measurements."""
    keys = case.catalogue.keys("measured_walls")
    rows = [case.catalogue.row("measured_walls", key) for key in keys]
    numbers = {name: np.full(len(keys), np.nan) for name in BOUNDS}
    for name, (column, unit) in WALL_COLUMNS.items():
        numbers[name] = np.array([case.central(f"measured_walls.{key}.{column}", unit) for key in keys])
    texts = {name: tuple(str(row.get(name, "")) for row in rows) for name in TEXT}
    texts["scope"] = ("wall_node8",) * len(keys)
    return Measurements("measured_walls", (), tuple(() for _ in keys), numbers, texts)
