"""One writer an engine."""
