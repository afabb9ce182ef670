"""Speed and exactness side by side with SQLite FTS5: `python -m bench SIZE [SIZE…]`."""
