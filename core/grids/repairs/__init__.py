"""A coverage or a layer that is not exact: its defects, what may be done about each, and the recorded repair."""
