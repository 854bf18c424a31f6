"""Matters: one spine for every department's concern, one life, one table of steps."""
