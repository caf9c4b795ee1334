"""Opens JupyterLab, or serves the panels as a web app."""
