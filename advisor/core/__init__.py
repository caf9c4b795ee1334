"""What every room stands on: faults, units, evidence, numbers in words, files, draws, footprints."""
