"""A request in, an answer out. Reads only."""
