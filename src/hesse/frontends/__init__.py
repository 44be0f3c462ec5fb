"""Ways in: text, and the elaboration that all of them share."""
