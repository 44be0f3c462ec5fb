"""Whether a node is smooth over a region: what the rows of the tables need for a derivative, proved by intervals."""

from __future__ import annotations

from hesse.core.nodes import Apply, Node, Operation, Power
from hesse.core.traverse import postorder
from hesse.enclosure.arrays import Evaluator, is_proved
from hesse.enclosure.intervals import Intervals

JUMPS = frozenset({"sign", "step", "where", "hardmax"})


def is_continuous(root: Node) -> bool:
    """Whether no part of the node jumps: then it is the integral of its derivative, kinks or not."""
    return not any(_jumps(part) for part in postorder(root))


def _jumps(part: Node) -> bool:
    if isinstance(part, Apply):
        return part.row.truth or part.row.name in JUMPS
    return isinstance(part, Operation) and part.row.name in JUMPS


def has_roots(root: Node) -> bool:
    """Whether a part may have a kink that its formal derivatives do not show: a root, or a function such as norm."""
    return any(
        part.exponent.denominator != 1 if isinstance(part, Power) else isinstance(part, Operation) and part.row.smooth
        for part in postorder(root)
    )


def kink(evaluator: Evaluator, root: Node, depending: set[Node]) -> str:
    """The name of a function that may have a kink or a jump within the region; nothing where it is proved smooth.

    `depending` holds the parts that depend on what moves: the others are constants.
    """
    for part in postorder(root):
        if part in depending and not _is_smooth(evaluator, part):
            assert isinstance(part, (Apply, Operation, Power))
            return "a root" if isinstance(part, Power) else f"`{part.row.name}`"
    return ""


def _is_smooth(evaluator: Evaluator, part: Node) -> bool:
    match part:
        case Power(base=base, exponent=exponent):
            return exponent.denominator == 1 or is_proved(evaluator.enclose(base), "> 0")
        case Apply(row=row, arguments=arguments):
            values = [evaluator.enclose(argument) for argument in arguments]
            if row.name == "where":
                return _is_decided(values[0])
            if row.name == "clip":
                return all(_are_apart(values[0], end) for end in values[1:])
            if row.distinct and arguments[0] is not arguments[1] and not _are_apart(*values):
                return False
            return all(
                is_proved(value, relation) for value, relation in zip(values, row.smooth, strict=False) if relation
            )
        case Operation(row=row, arguments=arguments):
            if row.smooth.startswith("entries"):
                return is_proved(evaluator.enclose(arguments[0]), "!= 0")
            if row.smooth == "!= 0":
                return is_proved(evaluator.enclose(part), "> 0")
            return not row.smooth
        case _:
            return True


def _are_apart(left: Intervals, right: Intervals) -> bool:
    return bool(((left.low > right.high) | (left.high < right.low)).all())


def _is_decided(condition: Intervals) -> bool:
    low, high = condition.low, condition.high
    return bool(((low > 0) | (high < 0) | ((low == 0) & (high == 0))).all())
