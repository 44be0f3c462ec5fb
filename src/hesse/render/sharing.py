"""Repeated parts of a tree named by definitions, where that reads better than writing them out again.

Equal parts are found by structure, not by identity, and everything is counted on the graph: an expression whose text
would be exponential costs no more than its objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count

from hesse.core.declarations import Declarations
from hesse.core.nodes import Elementwise, Operator
from hesse.core.syntax import (
    Binary,
    Call,
    Definitions,
    Name,
    Negative,
    Running,
    Stack,
    Syntax,
    Transpose,
    children,
    fold,
    postorder,
)
from hesse.functions import ALIASES, FUNCTIONS
from hesse.notation.ranks import ranks
from hesse.render.structure import ENORMOUS, Classes, rebuilt, replaceable, text_length

LONG = 12
EXPLODING = 20_000
_CONSTANTS = frozenset({"e", "pi"})
_WORDS = frozenset({"grad", "jac", "hess", "diff", "max", "min", "T", "I"})


def printable(tree: Syntax, declarations: Declarations) -> Syntax:
    """The tree, with definitions when it is a graph whose text would be far longer than the graph."""
    objects = len(postorder(tree))
    expanded = fold(tree, lambda _, sizes: min(1 + sum(sizes), ENORMOUS))
    return share(tree, declarations) if expanded > EXPLODING and expanded > 4 * objects else tree


def share(
    tree: Syntax,
    declarations: Declarations,
    *,
    long: int = LONG,
    named: int | None = None,
    avoid: Iterable[str] = (),
) -> Syntax:
    """The tree with repeated parts of at least `long` characters named by definitions; the user's own keep their names.

    A part that occurs three times may be a third shorter. Names are chosen by kind: r for a sum, s for a function
    applied entry by entry, p for a softmax, then t, u, v, ..., in capitals for matrices. Nothing is named that
    depends on a running index. The user's names stand for values of at least `named` characters, half of `long` unless
    given. New names are none of those to `avoid`.
    """
    statements = list(_statements(tree))
    names = [name for name, _ in statements]
    if len(set(names)) < len(names):
        return tree  # a name bound twice means two things: then equal text need not mean equal values
    sharing = _Sharing(statements, declarations, long, long // 2 if named is None else named, avoid)
    bindings = sharing.carried_out()
    *before, (_, body) = bindings
    return Definitions(tuple(before), body) if before else body


def _statements(tree: Syntax) -> Iterator[tuple[str, Syntax]]:
    """The definitions and at last the expression itself, under an empty name."""
    if isinstance(tree, Definitions):
        yield from tree.bindings
    yield "", tree.body if isinstance(tree, Definitions) else tree


class _Sharing:
    """One run: the classes of equal parts, which of them get names, and the new definitions."""

    def __init__(
        self,
        statements: list[tuple[str, Syntax]],
        declarations: Declarations,
        long: int,
        named: int,
        avoid: Iterable[str],
    ) -> None:
        self.named = named
        self.statements = statements
        self.long = long
        everything = Definitions(tuple(statements[:-1]), statements[-1][1])
        self.ranks = ranks(everything, declarations)
        nodes = postorder(everything)
        running = {node.index for node in nodes if isinstance(node, Running)}
        defined = {name for name, _ in statements}
        declared = {entry.name for entry in declarations} | {*declarations.size_names}
        written = {node.name for node in nodes if isinstance(node, Name)}
        self.names = _FreshNames(
            {*avoid, *declared, *defined, *written, *running, *FUNCTIONS, *ALIASES, *_CONSTANTS, *_WORDS}
        )
        self.classes = Classes()
        known = (declared | defined | _CONSTANTS) - running
        self.orders = [self.classes.add(value, frozenset(known)) for _, value in statements]
        self.roots = [order[-1] for order in self.orders]
        self.users = self._user_names()

    def _user_names(self) -> dict[int, str]:
        """The classes that the user has named, where no part before the definition is equal to them."""
        named: dict[int, str] = {}
        seen: set[int] = set()
        for (name, _), order, root in zip(self.statements, self.orders, self.roots, strict=True):
            if name and root not in seen and self._nameable(root) and self.classes.lengths[root] >= self.named:
                named[root] = name
            seen.update(order)
        return named

    def _nameable(self, number: int) -> bool:
        """Whether a name for the class would help: a sign or a transpose is better left outside of it, and of a list of
        equal entries the entry is named."""
        member = self.classes.members[number]
        if isinstance(member, Negative | Transpose) or (
            isinstance(member, Stack) and len(member.items) > 1 and len(set(self.classes.parts[number])) == 1
        ):
            return False
        return bool(self.classes.parts[number]) and not self.classes.unknown[number]

    def carried_out(self) -> list[tuple[str, Syntax]]:
        """The statements with new definitions between them, each before its first use."""
        chosen = self._chosen()
        inside: dict[int, Syntax] = {}
        outside: dict[int, Syntax] = {}
        result: list[tuple[str, Syntax]] = []
        for (name, _), order, root in zip(self.statements, self.orders, self.roots, strict=True):
            for number in order:
                if number in inside:
                    continue
                tree = self.classes.members[number]
                outside[number] = inside[number] = self._abbreviated(tree, outside)
                if number in chosen:
                    fresh = self.names.choose(tree, self.ranks)
                    outside[number] = Name(fresh)
                    result.append((fresh, inside[number]))
                elif number in self.users:
                    outside[number] = Name(self.users[number])
            result.append((name, inside[root] if self.users.get(root) == name else outside[root]))
        return result

    def _abbreviated(self, tree: Syntax, outside: Mapping[int, Syntax]) -> Syntax:
        """The tree with its replaceable children as they are written outside of their definitions."""
        parts = list(children(tree))
        for place in replaceable(tree, range(len(parts))):
            parts[place] = outside[self.classes.numbers[id(parts[place])]]
        return rebuilt(tree, parts)

    def _chosen(self) -> set[int]:
        """The classes to name: from the parts to the wholes, those that stay long when named parts are abbreviated.

        A part of one single whole is left alone: if the whole is repeated, it is the one to name.
        """
        uses = self._uses()
        chosen: set[int] = set()
        written: list[int] = []
        for number, tree in enumerate(self.classes.members):
            length = text_length(tree, [written[self.classes.numbers[id(child)]] for child in children(tree)])
            if self._nameable(number) and number not in self.users and self._worth(length, uses[number]):
                chosen.add(number)
            written.append(1 if number in chosen or number in self.users else length)
        return chosen

    def _uses(self) -> list[int]:
        """In how many places each class is written at least, when every whole that can be named is written once."""
        uses = [0] * len(self.classes.members)
        for root in self.roots:
            uses[root] += 1
        for number in range(len(uses) - 1, -1, -1):
            times = 1 if self._nameable(number) else uses[number]
            for part in self.classes.parts[number]:
                uses[part] = min(uses[part] + times, ENORMOUS)
        return uses

    def _worth(self, length: int, times: int) -> bool:
        return times >= 2 and (length >= self.long or (times >= 3 and 3 * length >= 2 * self.long))


@dataclass(slots=True)
class _FreshNames:
    """Names for definitions that collide with none that is taken."""

    taken: set[str]

    def choose(self, tree: Syntax, ranks_by_id: Mapping[int, int]) -> str:
        """A new name that suits the tree."""
        rank = ranks_by_id[id(tree)]
        first = _letter(tree) if rank else _letter(tree).replace("r", "t")
        letters: Iterable[str] = dict.fromkeys(first + "tuvwzq")
        numbered = (f"{first}{k}" for k in count(1))
        names = (name.upper() if rank > 1 else name for name in chain(letters, numbered))
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return name


def _letter(tree: Syntax) -> str:
    match tree:
        case Binary(operator="+" | "-"):
            return "r"
        case Call(function=function):
            row = FUNCTIONS.get(function)
            along = isinstance(row, Operator) and row.kind == "along"
            return "s" if isinstance(row, Elementwise) else "p" if along else "t"
        case _:
            return "t"
