"""Judging an answer: equal, different, and if different, which mistake was made where."""
