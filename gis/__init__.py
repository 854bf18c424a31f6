"""Geometry in, geometry out: the coverage engine. No database, no Flask, no clock, no settings."""
