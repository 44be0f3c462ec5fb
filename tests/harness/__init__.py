"""Random expressions, an independent oracle for their derivatives, and the laws that every expression must keep."""
