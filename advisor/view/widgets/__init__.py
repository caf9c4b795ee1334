"""The live panels; the one place that knows ipywidgets."""
