"""One reader an engine."""
