"""From options to a decision: gates, comparison, flips."""
