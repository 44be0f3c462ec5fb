"""Expressions of other systems, read and written."""
