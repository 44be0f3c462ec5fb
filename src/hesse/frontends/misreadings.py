"""Readings that are refused because people mean two different things by them."""

from __future__ import annotations

from hesse.core.build import shape_text
from hesse.core.nodes import Shape
from hesse.core.sizes import ONE
from hesse.core.syntax import Binary, Call, Name, Syntax, Transpose, number_value
from hesse.errors import AmbiguousError, ShapeError


def refuse_misreadings(tree: Binary, left: Shape, right: Shape, source: str) -> None:
    """Raise AmbiguousError for a power of a square matrix typed with `^`, and for a product with a primed vector."""
    if tree.operator == "**" and tree.typed == "^" and len(left) == 2 and left[0] == left[1]:
        name, exponent = _spelled(tree.left, "A", source), _spelled(tree.right, "k", source)
        of_matrix = f"inv({name})" if number_value(tree.right) == -1 else f"matpow({name}, {exponent})"
        raise AmbiguousError(
            "a power of a square matrix: of each entry, or of the matrix?", (f"{name}**{exponent}", of_matrix)
        )
    if len(left) == len(right) == 1:
        primed = [isinstance(side, Transpose) for side in (tree.left, tree.right)]
        if (tree.operator == "*" and any(primed)) or (tree.operator == "@" and primed[1]):
            first, second = (_untransposed(side) for side in (tree.left, tree.right))
            names = (_spelled(first, "x", source), _spelled(second, "y", source))
            raise AmbiguousError(
                "a transposed vector: dot product or outer product?",
                (f"{names[0]} @ {names[1]}", f"outer({names[0]}, {names[1]})"),
            )


def refuse_scaling(operator: str, left: Shape, right: Shape) -> None:
    """Raise ShapeError for an elementwise product of a matrix and a vector, which most people mean as `@`."""
    if operator == "*" and {len(left), len(right)} == {1, 2} and ONE not in left + right:
        raise ShapeError(
            f"`*` between {shape_text(left)} and {shape_text(right)}: a matrix times a vector is written `@`",
            hint="write `A @ x` for the product, `A @ diag(x)` to scale columns, `diag(x) @ A` to scale rows",
        )


def _untransposed(tree: Syntax) -> Syntax:
    return tree.operand if isinstance(tree, Transpose) else tree


def _spelled(tree: Syntax, default: str, source: str) -> str:
    """How the user wrote an operand, for a suggestion; in brackets unless it is a name, a number or a call."""
    if tree.span is None or not source:
        return default
    text = source[tree.span.start : tree.span.end]
    whole = isinstance(tree, (Name, Call)) or number_value(tree) is not None or text.startswith("(")
    return text if whole else f"({text})"
