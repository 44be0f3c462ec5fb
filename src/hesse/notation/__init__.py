"""Back-translation: from the index form to what a person would write."""
