"""The routes: API, page, health."""
