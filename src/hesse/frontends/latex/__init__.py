r"""The LaTeX notation: formulas as they stand in papers, to the surface tree."""

from hesse.frontends.latex.document import left_side, parse_latex

__all__ = ["left_side", "parse_latex"]
