r"""The LaTeX notation: formulas as they stand in papers, to the surface tree."""

from hesse.frontends.latex.document import ROW, left_side, misfitting, parse_latex

__all__ = ["ROW", "left_side", "misfitting", "parse_latex"]
