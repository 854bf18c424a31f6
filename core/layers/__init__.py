"""Reference layers: roads, water, buildings and house numbers, drawn under the grids and proven by nobody."""
