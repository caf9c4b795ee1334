"""Wall power of a server from what its accelerators draw.

Processors, memory and network draw the same at any load; fans turn with the heat they carry;
the power supply loses most, relative to what it gives, when hardly loaded::

    dc   = fixed + n·P + fan·clip(least + (most - least)·(fixed + n·P)/full)
    wall = dc / efficiency(dc / capacity)

The form and its figures are those of InferenceX's system power model (see data/chassis.yaml);
the energy of cooling the room, PUE, comes on top elsewhere. Scalars or arrays alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = float | Array


@dataclass(frozen=True, slots=True, eq=False)
class Chassis:
    """A server around ``gpus`` accelerators.

    ``fixed_w``: processors, memory, drives, switches [W]; ``network_w``: its cards and links [W];
    ``fan_w``: all fans at full speed [W], which turn at ``least_fan`` of it when idle and at
    ``most_fan`` when the heat reaches ``full_w`` [W]; ``capacity_w`` of the power supply [W],
    whose ``efficiency`` [0-1] is given at the shares ``load`` of it.
    """

    gpus: Number
    fixed_w: Number
    network_w: Number
    fan_w: Number
    least_fan: Number
    most_fan: Number
    full_w: Number
    capacity_w: Number
    load: Array
    efficiency: Array


def wall_w(chassis: Chassis, gpu_w: Number) -> Array:
    """AC power of the whole server [W] while each accelerator draws ``gpu_w`` [W].

    Source: The power balance of a server, as in InferenceX's system power model.

    >>> plain = Chassis(8, 1000, 0, 0, 0, 0, 10_000, 10_000, np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    >>> float(wall_w(plain, 500))  # (8 x 500 + 1,000) W at half efficiency -> W
    10000.0
    """
    heat = chassis.gpus * gpu_w + chassis.fixed_w
    share = np.minimum(heat / chassis.full_w, 1.0)
    fans = chassis.fan_w * (chassis.least_fan + (chassis.most_fan - chassis.least_fan) * share)
    dc = heat + chassis.network_w + fans
    efficiency = np.interp(np.asarray(dc / chassis.capacity_w), chassis.load, chassis.efficiency)
    found: Array = np.asarray(dc / efficiency)
    return found


def overhead_w(chassis: Chassis, gpu_w: Number) -> Array:
    """What the server takes beyond its accelerators, per accelerator [W].

    Source: The power balance of a server, as in InferenceX's system power model.

    >>> plain = Chassis(8, 1000, 0, 0, 0, 0, 10_000, 10_000, np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    >>> float(overhead_w(plain, 500))  # 10,000 W / 8 - 500 W
    750.0
    """
    return wall_w(chassis, gpu_w) / chassis.gpus - gpu_w
