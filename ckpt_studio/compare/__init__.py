"""Checkpoint against model: the load report, suggestions, numeric differences, identification, mapping."""
