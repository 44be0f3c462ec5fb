"""Rewriting to a normal form, and the use of facts about variables after differentiation."""
