"""What an expression is: sizes, nodes and their normal form, declarations, records of a derivation."""
