"""The demonstration city 示范市: made up, deterministic, free of licences, marked as such everywhere."""
