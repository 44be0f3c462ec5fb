"""Rigorous enclosures: balls and series by python-flint, Taylor models, interval arrays, verified eigenvalue bounds."""
