"""What writing and searching must agree on. Imports nothing of ours."""
