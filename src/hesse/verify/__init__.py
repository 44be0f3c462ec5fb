"""The independent check of results: a plain evaluator of trees, and differences of its values."""
