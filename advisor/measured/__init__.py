"""Measured energy: reading, predicting, calibrating."""
