"""From terms to statements: what is shared or long gets a name, the rest is written in place."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hesse.codegen import python
from hesse.codegen.names import Names, identifier
from hesse.codegen.target import Target
from hesse.codegen.terms import Term, postorder

WIDTH = 80
"""How wide an expression may become, estimated, before parts of it get names."""
DEPTH = 24
"""How deeply an expression may nest: `ast.unparse` and `compile` recurse."""
_OVERHEAD = {"transpose": 2, "negative": 1, "index": 2, "column": 9, "einsum": 40}
_CHEAP = frozenset({"transpose", "column", "expanded", "swapped", "index", "dimension"})


@dataclass(frozen=True, slots=True)
class Fragment:
    """The expression of a term with its estimated width and depth; a name has depth 0."""

    node: ast.expr
    width: int
    depth: int = 0


class Emitter:
    """Writes one function body.

    `given` are terms that have names already, `wanted` those that the user has named, `calls` the undefined functions
    by name and order of derivative, `buffers` arrays that are to hold the values of terms.
    """

    def __init__(
        self,
        target: Target,
        names: Names,
        given: Mapping[Term, str],
        wanted: Mapping[Term, str],
        calls: Mapping[tuple[str, int], str],
        buffers: Mapping[Term, str] = MappingProxyType({}),
    ) -> None:
        self.statements: list[ast.stmt] = []
        self.bound: dict[str, Term] = {}
        """What the names stand for that the statements assign expressions to."""
        self._target = target
        self._names = names
        self._wanted = wanted
        self._calls = calls
        self._buffers = buffers
        self._fragments = {term: _named(name) for term, name in given.items()}

    def expression(self, root: Term) -> ast.expr:
        """The expression of the term, after the statements it needs."""
        return self.expressions((root,))[0]

    def expressions(self, roots: Sequence[Term]) -> list[ast.expr]:
        """The expressions of several terms; what they share is computed once."""
        order = postorder(*roots, known=self._fragments)
        uses = Counter(a for term in order if term not in self._fragments for a in term.arguments)
        uses.update(roots)
        for term in order:
            if term in self._fragments:
                continue
            if term in self._buffers:
                self._fill(term, self._buffers[term])
                continue
            if term.head in self._target.blocks:
                self._block(term)
                continue
            self._fragments[term] = self._fragment(term)
            if term in self._wanted or (uses[term] > 1 and not self._cheap(term)):
                self._bind(term)
        return [self._fragments[root].node for root in roots]

    def know(self, term: Term, name: str) -> None:
        """Lets a term be written as a name that has its value."""
        self._fragments[term] = _named(name)

    def _fragment(self, term: Term) -> Fragment:
        """The term spelled out; its widest parts get names first while it would be too wide or too deep."""
        while True:
            parts = [self._fragments[argument] for argument in term.arguments]
            width = _overhead(term) + sum(part.width for part in parts)
            depth = 1 + max((part.depth for part in parts), default=0)
            unnamed = next((k for k in self._target.named.get(term.head, ()) if parts[k].depth), None)
            widest = max(((part.width, k) for k, part in enumerate(parts) if part.depth), default=(0, 0))
            worthwhile = widest[0] > WIDTH // (4 if len(parts) < 4 else 2)
            if unnamed is not None:
                self._bind(term.arguments[unnamed])
            elif depth > DEPTH:
                self._bind(max(term.arguments, key=lambda argument: self._fragments[argument].depth))
            elif width > WIDTH and worthwhile:
                self._bind(term.arguments[widest[1]])
            else:
                return Fragment(self._spelled(term, [part.node for part in parts]), width, depth if parts else 0)

    def _spelled(self, term: Term, arguments: list[ast.expr]) -> ast.expr:
        if term.head == "undefined":
            function, order = term.options
            return python.call(self._calls[function, order], *arguments)
        return self._target.expressions[term.head](term, arguments)

    def _block(self, term: Term) -> None:
        name = self._name(term)
        arguments = [self._fragments[argument].node for argument in term.arguments]
        self.statements += self._target.blocks[term.head](term, arguments, name)
        self._fragments[term] = _named(name)

    def _fill(self, term: Term, buffer: str) -> None:
        assert self._target.fill is not None
        arguments = [self._fragments[argument].node for argument in term.arguments]
        if term.head == "undefined":
            arguments = [self._spelled(term, arguments)]
            term, result = Term("variable", (), ("",), term.shape, "real"), term
        else:
            result = term
        self.statements += self._target.fill(term, arguments, buffer)
        self._fragments[result] = _named(buffer)

    def _bind(self, term: Term) -> None:
        name = self._name(term)
        self.statements.append(python.assign(python.name(name), self._fragments[term].node))
        self.bound[name] = term
        self._fragments[term] = _named(name)

    def _cheap(self, term: Term) -> bool:
        """Whether writing the term again costs neither time nor the reader's attention."""
        if not term.arguments:
            return True
        simple = all(self._fragments[argument].depth == 0 for argument in term.arguments)
        vectors = any(argument.rank for argument in term.arguments[1:])
        return term.head in _CHEAP and simple and not vectors

    def _name(self, term: Term) -> str:
        if term in self._wanted:
            return self._names.number(identifier(self._wanted[term]))
        stem = self._stem(term)
        # `a @ s` would be called `as`.
        return self._names.number(identifier(stem)) if stem else self._names.temporary()

    def _stem(self, term: Term) -> str:
        """A telling name: Xw for X @ w, exp_z for exp(z); empty where there is none."""
        parts = [self._letters(argument) for argument in term.arguments]
        match term.head:
            case "assemble":
                return "out"
            case "arange":
                return "i"
            case "finite_max":
                return "top"
            case "contiguous":
                return "columns"
            case "@" if all(0 < len(part) <= 2 for part in parts):
                return "".join(parts)
            case head if head.isidentifier() and len(parts) == 1 and len(parts[0]) > 0:
                return f"{head}_{parts[0]}"
            case _:
                return ""

    def _letters(self, term: Term) -> str:
        node = self._fragments[term].node
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr == "T":
            return node.value.id + "t"
        return ""


def _overhead(term: Term) -> int:
    """About how many characters the operation adds to its arguments."""
    if not term.arguments:
        return 4
    if term.head in _OVERHEAD:
        return _OVERHEAD[term.head]
    return (len(term.head) + 5 if term.head.isidentifier() else 3) + 2 * max(0, len(term.arguments) - 2)


def _named(name: str) -> Fragment:
    return Fragment(python.name(name), len(name))
