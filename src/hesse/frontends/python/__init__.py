"""Python callables: what they compute is written down while they run on values that stand for arrays."""
