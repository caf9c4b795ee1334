"""From electricity and hardware time to carbon, water, metals and waste.

Free functions over scalars or arrays; arrays broadcast. Valid for any non-negative input.
"""

from __future__ import annotations

from advisor.core.draws import Array

Number = float | Array
G_PER_KG = 1000.0


def meter_kwh(it_kwh: Number, pue: Number) -> Number:
    """Electricity at the data centre's meter [kWh] from that of its IT equipment [kWh].

    ``pue`` is power usage effectiveness [ratio, at least 1] (ISO/IEC 30134-2).

    >>> meter_kwh(100.0, 1.2)  # kWh, ratio -> kWh
    120.0
    """
    return it_kwh * pue


def carbon_kg(energy_kwh: Number, intensity_g_per_kwh: Number) -> Number:
    """Operational carbon [kgCO2e] of electricity at the meter [kWh].

    The result is on the basis of its intensity (location-based, market-based or
    marginal, GHG Protocol Scope 2 Guidance); results on different bases do not add.

    >>> carbon_kg(120.0, 300.0)  # kWh, g/kWh -> kgCO2e
    36.0
    """
    return energy_kwh * intensity_g_per_kwh / G_PER_KG


def water_onsite_l(it_kwh: Number, wue_l_per_kwh: Number) -> Number:
    """Cooling water [L]; ``wue`` is per kWh of IT energy (ISO/IEC 30134-9).

    >>> water_onsite_l(100.0, 0.5)  # kWh of IT, L/kWh -> L
    50.0
    """
    return it_kwh * wue_l_per_kwh


def water_upstream_l(energy_kwh: Number, water_l_per_kwh: Number) -> Number:
    """Water consumed to generate the electricity at the meter [L].

    Source: Water factors of generation (Macknick et al. 2012).

    >>> water_upstream_l(120.0, 2.0)  # kWh at the meter, L/kWh -> L
    240.0
    """
    return energy_kwh * water_l_per_kwh


def depletion_kgsb(energy_kwh: Number, adpe_kgsb_per_kwh: Number) -> Number:
    """Abiotic depletion of the electricity at the meter [kgSb].

    Source: ADP elements of CML (van Oers et al. 2002).

    >>> depletion_kgsb(100.0, 1e-8)  # kWh, kgSb/kWh -> kgSb
    1e-06
    """
    return energy_kwh * adpe_kgsb_per_kwh


def life_share(seconds: Number, lifetime_s: Number, utilisation: Number) -> Number:
    """Share of a device's life [ratio] that ``seconds`` of its time stand for.

    ``utilisation`` is the share of the lifetime in which the device is rented out at all;
    the unused rest is charged to those who use it.

    Source: Time-based allocation, as in the Software Carbon Intensity specification (ISO/IEC 21031).

    >>> life_share(3600, 36_000, 0.5)  # s, s, ratio -> ratio
    0.2
    """
    return seconds / (lifetime_s * utilisation)
