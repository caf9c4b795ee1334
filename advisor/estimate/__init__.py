"""Pure arithmetic over scalars or arrays: no files, no defaults for coefficients."""
