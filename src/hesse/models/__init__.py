"""Models of a function and what is certain about them: Taylor models, remainders, directions, curvature, convexity."""
