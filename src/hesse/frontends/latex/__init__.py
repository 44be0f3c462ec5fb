r"""The LaTeX notation: formulas as they stand in papers, to the surface tree."""

from hesse.frontends.latex.document import parse_latex

__all__ = ["parse_latex"]
