"""Grids in time: identity, immutable shapes, states that hold for a period, changes that made them."""
