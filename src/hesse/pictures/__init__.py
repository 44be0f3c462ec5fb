"""Scenes as plain data, and their drawings: surfaces, contours, Taylor models, Jacobians. matplotlib only when drawn."""
