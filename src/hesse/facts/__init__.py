"""What is proved about a node for all values of its variables, with the reason: facts, never numerical evidence."""
