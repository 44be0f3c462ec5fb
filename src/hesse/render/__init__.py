"""Written mathematics: surface trees as text, Unicode and LaTeX, and repeated parts named by definitions."""
