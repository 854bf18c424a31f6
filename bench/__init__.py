"""Measurements against peers, in one interleaved run; results are committed in RESULTS.md."""
