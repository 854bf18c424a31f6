"""A boundary layer becomes grids: read, judged, decided, previewed, approved, applied."""
