"""The journal: who did what, when, before and after. Append-only."""
