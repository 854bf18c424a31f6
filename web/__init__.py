"""Every door by which people and machines come in: pages, API, tiles, command line."""
