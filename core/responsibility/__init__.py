"""Which department answers for which kind of matter, in which grids."""
