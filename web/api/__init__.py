"""API v1, one file per core room."""
