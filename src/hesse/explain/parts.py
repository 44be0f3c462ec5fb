"""What stands in a tree: how many names, the sums among the factors of products, the array whose squares are summed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hesse.core.syntax import Binary, Call, Name, Negative, Num, Syntax, fold, number_value, postorder


def leaves(tree: Syntax) -> int:
    """How many names are written in the tree."""

    def visit(part: Syntax, counts: tuple[int, ...]) -> int:
        return sum(counts) or isinstance(part, Name)

    return fold(tree, visit)


def multiplied_out(before: Syntax, after: Syntax) -> bool:
    """Whether a sum is a factor before and no longer after; sums are told by their names and numbers."""
    return not set(_sums(before)) <= set(_sums(after))


def _sums(tree: Syntax) -> Iterator[tuple[str, ...]]:
    for part in postorder(tree):
        if isinstance(part, Binary) and part.operator in ("*", "@"):
            for factor in (part.left, part.right):
                inner = factor.operand if isinstance(factor, Negative) else factor
                if isinstance(inner, Binary) and inner.operator in ("+", "-"):
                    yield tuple(sorted(_word(each) for each in postorder(inner) if isinstance(each, (Name, Num))))


def _word(part: Name | Num) -> str:
    return part.name if isinstance(part, Name) else str(part.value)


def base_of_squares(tree: Syntax) -> Syntax | None:
    """The array u of sum(u**2)."""
    match tree:
        case Call(function="sum", axis=None, arguments=(Binary(operator="**", left=base, right=exponent),)):
            return base if number_value(exponent) == 2 else None
        case _:
            return None


def signs(tree: Binary) -> tuple[bool, bool]:
    """Which of the two parts begin with a minus sign."""
    return isinstance(tree.left, Negative), isinstance(tree.right, Negative)


def used(tree: Syntax, bindings: Mapping[str, Syntax]) -> list[str]:
    """The definitions that the tree uses, in their order."""
    wanted = {part.name for part in postorder(tree) if isinstance(part, Name)}
    found: list[str] = []
    for name, value in reversed(list(bindings.items())):
        if name in wanted:
            found.append(name)
            wanted |= {part.name for part in postorder(value) if isinstance(part, Name)}
    return found[::-1]
