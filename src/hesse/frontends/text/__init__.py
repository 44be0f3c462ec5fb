"""The text notation: expressions to the surface tree, and declarations."""

from hesse.frontends.text.declarations import parse_declarations
from hesse.frontends.text.parser import parse_text

__all__ = ["parse_declarations", "parse_text"]
