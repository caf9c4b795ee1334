"""The commands on a table of measurements: predict it, or fit the energy model to it."""

from __future__ import annotations

from pathlib import Path

from advisor.core.files import write_atomic
from advisor.measured.calibration import fit, unidentified
from advisor.measured.calibration_text import as_yaml, describe
from advisor.measured.measurement_text import report
from advisor.measured.measurements import parse, refuse
from advisor.measured.prediction import name_faults, predict, with_predictions


def validate(path: Path, out: Path | None = None) -> str:
    """Predict every configuration of a table; the errors as text, the predictions in ``out``.

    Without measured energies it only predicts. Raises MeasurementError.
    """
    measured, faults = parse(path)
    refuse(path.name, [*faults, *name_faults(measured)])
    predicted = predict(measured)
    lines = [report(measured, predicted)]
    if out is not None:
        write_atomic(out, with_predictions(measured, predicted))
        lines.append(f"wrote {out}")
    return "\n".join(lines)


def calibrate(path: Path, out: Path) -> str:
    """Fit the energy model to a table and write it; what was fitted, as text.

    Raises MeasurementError for a table that cannot be read or that cannot identify the model.
    """
    measured, faults = parse(path)
    refuse(path.name, [*faults, *name_faults(measured), *unidentified(measured)])
    fitted = fit(measured)
    write_atomic(out, as_yaml(fitted))
    return f"{describe(fitted)}\nwrote {out}"
