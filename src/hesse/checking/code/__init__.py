"""Hand-written derivatives of code against the truth: exact where the code can be read, else by extrapolation."""
