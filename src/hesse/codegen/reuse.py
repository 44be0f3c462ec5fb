"""The memory of arrays that nothing needs any more, taken for new values.

A loop over blocks would otherwise ask for the memory of every large array again in every block, and give it back: the
operating system clears it each time, which can take longer than the arithmetic.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hesse.codegen import python
from hesse.codegen.terms import ENTRYWISE, Term, owner

_UFUNCS = "exp expm1 log log1p sqrt sin cos tan arcsin arccos arctan sinh cosh tanh abs sign maximum minimum logaddexp"
IN_PLACE = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "negative": "negative",
    **{name: name for name in _UFUNCS.split()},
}  # fmt: skip
"""NumPy's functions that can leave their result in one of their arguments."""
_UPDATES = frozenset("+-*/")
_WRITTEN_OTHERWISE = frozenset({"**", "negative"})
"""A square is no call of `power`, and a sign stands at the first factor."""
_NEW = (ENTRYWISE - {"float"}) | {"@", "outer", "softmax"}
"""Operations whose results lie in memory of their own."""


@dataclass(frozen=True, slots=True)
class _Step:
    """An operation with one of its arguments, by number, in the memory of which its value is left."""

    term: Term
    operands: list[ast.expr]
    place: int

    @property
    def others(self) -> list[ast.expr]:
        """The other arguments."""
        return [operand for k, operand in enumerate(self.operands) if k != self.place]


def reused(body: Sequence[ast.stmt], values: Sequence[ast.expr], terms: Mapping[str, Term]) -> list[ast.stmt]:
    """The statements of a block, in which large values are left in memory that has become free.

    `terms` are the values of the names that the body binds, `values` what is made of them behind it.
    """
    rank = max((part.rank for term in terms.values() for part in (term, *term.arguments)), default=0)
    last = _last_uses(body, values, terms)
    result: list[ast.stmt] = []
    for number, statement in enumerate(body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in terms and terms[name].rank == rank > 1:
                free = {each for each, use in last.items() if use == number and terms[each].rank == rank}
                result += _written(name, terms[name], value, {each: terms[each] for each in free})
            case _:
                result.append(statement)
    return result


def _last_uses(body: Sequence[ast.stmt], values: Sequence[ast.expr], terms: Mapping[str, Term]) -> dict[str, int]:
    """The number of the last statement that reads a name, or something that lies in the memory of its value."""
    last: dict[str, int] = {}
    for number, part in enumerate([*body, *values]):
        read = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
        last |= dict.fromkeys(sorted(read & terms.keys()), min(number, len(body)))
    names = {term: name for name, term in terms.items()}
    for name in terms:
        source = names.get(owner(terms[name]))
        if source is not None:
            last[source] = max(last[source], last[name])
    return last


def _written(name: str, term: Term, node: ast.expr, free: Mapping[str, Term]) -> list[ast.stmt]:
    """The statements that leave a value under its name: where they can, one step after the other in the same memory."""
    steps: list[_Step] = []
    while (step := _step(term, node, lambda operand, argument: not isinstance(operand, ast.Name))) is not None:
        steps.append(step)
        term, node = term.arguments[step.place], _plain(step.operands[step.place])
    needed = {n.id for step in steps for o in step.others for n in ast.walk(o) if isinstance(n, ast.Name)}
    first = _step(
        term,
        node,
        lambda operand, argument: (
            isinstance(operand, ast.Name) and operand.id not in needed and free.get(operand.id) is argument
        ),
    )
    target = python.name(name)
    statements = [python.assign(target, node if first is None else _into(first, first.operands[first.place]))]
    for step in reversed(steps):
        step.operands[step.place] = target
        if step.place == 0 and step.term.head in _UPDATES:
            statements.append(python.update(target, step.term.head, step.operands[1]))
        else:
            statements.append(python.assign(target, _into(step, target)))
    return statements


def _into(step: _Step, memory: ast.expr) -> ast.expr:
    """The call that leaves the value in an array."""
    return python.call(f"np.{IN_PLACE[step.term.head]}", *step.operands, out=memory)


def _step(term: Term, node: ast.expr, takes: Callable[[ast.expr, Term], bool]) -> _Step | None:
    """The operation on the first argument of the same shape, in memory of its own, that may be taken."""
    operands = _operands(term, node)
    for place, (argument, operand) in enumerate(zip(term.arguments, operands, strict=False)):
        new = argument.head in _NEW or (argument.head == "einsum" and len(argument.arguments) > 1)
        if new and argument.shape == term.shape and argument.dtype == "real" and takes(operand, argument):
            return _Step(term, operands, place)
    return None


def _operands(term: Term, node: ast.expr) -> list[ast.expr]:
    """The expressions of the arguments, where the operation can leave its value in one of them; else none."""
    if term.head not in IN_PLACE or term.head in _WRITTEN_OTHERWISE or term.dtype != "real":
        return []
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return list(node.args) if isinstance(node, ast.Call) and len(node.args) == len(term.arguments) else []


def _plain(node: ast.expr) -> ast.expr:
    """The expression without brackets around it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == python.GROUP:
        return node.args[0]
    return node
