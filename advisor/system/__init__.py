"""One scenario as a system: its case, what it runs on, and what each part of it takes."""
