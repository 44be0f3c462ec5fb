"""Long runs that are no part of the test suite: they go on where they stopped and write down what they find."""
