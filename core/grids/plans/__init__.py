"""Plans: changes of a living city, drawn, proven, previewed, approved, applied."""
