"""Scenes as plain data, and their drawings: surfaces, contours, models, matrices. matplotlib is for the drawings."""
