"""Programs of loops that write values where they stand in vectors: the entries of a matrix that is kept as it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from hesse.codegen import python
from hesse.codegen.arrays import docstring, with_needs
from hesse.codegen.kernels import Kernel, extreme, indented
from hesse.codegen.loops import Loops
from hesse.codegen.names import Names
from hesse.codegen.numba import NUMBA, OPTIONS, SizeText, spelled
from hesse.codegen.plan import Plan, inputs, make_plan
from hesse.codegen.stored import stored_terms
from hesse.codegen.target import Program
from hesse.codegen.terms import Term
from hesse.codegen.windows import with_windows
from hesse.core.declarations import Declarations
from hesse.core.nodes import Shape
from hesse.core.sizes import ZERO, Size, product
from hesse.core.syntax import Syntax

_NAME = "fill"
_RESERVED = (python.GROUP, python.LIKE, _NAME, "range", "max", "min", "abs", "float", "IndexError")
THREADS = 2**18
"""How many entries there are where several threads are worth starting: an entry takes a nanosecond or less."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a piece go: for all labels within the extents, into the vector of that number.

    Values run `along` some of the labels. A `start` says that the entry for the single label i stands at start + i;
    otherwise the slots that the program is given tell. `alone` says that nothing else stands there.
    """

    vector: int
    extents: Shape
    along: tuple[int, ...]
    start: Size | None = None
    alone: bool = True


def slot_groups(places: Sequence[Place]) -> list[list[int]]:
    """The pieces that have slots, by number, those of the same extents together.

    The slots of a group stand side by side for each position: a stream for each piece would meet in the same lines of
    the cache where the extents are powers of two.
    """
    groups: dict[Shape, list[int]] = {}
    for number, place in enumerate(places):
        if place.start is None:
            groups.setdefault(place.extents, []).append(number)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class _Listed:
    """Where the slots of a piece are listed: in a group of so many, from the offset on."""

    offset: Size
    group: int
    number: int


def placing_program(trees: Sequence[Syntax], places: Sequence[Place], declarations: Declarations) -> Program:
    """A function of the declared variables, the vectors, and the slots of all pieces that have some, one by one.

    What has a start is written, everything that stands at a position added up; what has slots is written where it is
    alone, and added else.
    """
    plan = make_plan({str(k): tree for k, tree in enumerate(trees)}, declarations, NUMBA.spells, NUMBA.name)
    names = Names(
        {*NUMBA.names, *NUMBA.helpers, python.GROUP, python.LIKE, _NAME, "range", "max", "min", "abs", "float"}
    )
    parameters = {entry: names.take(entry) for entry in declarations.variables}
    vectors = [names.take(f"out_{k}") for k in range(1 + max(place.vector for place in places))]
    slots = names.take("slots")
    sizes = SizeText(plan, names, parameters)
    given = dict(zip(inputs(plan), parameters.values(), strict=True))
    loops = _Placing(plan, names, given, sizes.text, places, vectors, slots)
    body = loops.statements()
    failures = [f"if {check}: raise IndexError('an index is out of range')" for check in loops.checks]
    listed = [slots] if any(place.start is None for place in places) else []
    signature = ", ".join([*parameters.values(), *vectors, *listed])
    lines = [*sizes.statements(), *failures, *body]
    head = f"@njit({OPTIONS}{', boundscheck=True' * loops.looks_up})"
    functions = python.parse("\n".join([head, f"def {_NAME}({signature}):", *indented(lines)]))
    (function,) = functions
    assert isinstance(function, ast.FunctionDef)
    parts = docstring(plan, parameters).partition("from\n")
    function.body = with_windows(function.body, names)
    function.body.insert(0, ast.Expr(ast.Constant(f"Place values into {', '.join(vectors)}, from\n{parts[2]}")))
    source = python.unparse(with_needs(functions, NUMBA))
    return Program(source=source, name=_NAME, plan=plan, functions=(), threads=THREADS)


_Window: TypeAlias = tuple[Term, Place, Size]
"""Values, where they go, and where that begins."""


class _Placing(Loops):
    """Loops, and what places the outputs of the plan."""

    def __init__(
        self,
        plan: Plan,
        names: Names,
        given: Mapping[Term, str],
        size: Callable[[Size], str],
        places: Sequence[Place],
        vectors: Sequence[str],
        slots: str,
    ) -> None:
        super().__init__(plan, names, given, {}, lambda term, parts: spelled(NUMBA, term, parts), size)
        self._places, self._vectors, self._slots = [*zip(plan.roots, places, strict=True)], vectors, slots
        # Of what is placed the same at several positions there is one, as there is of single numbers.
        repeated = {root for root, place in self._places if len(place.along) < len(place.extents) or not root.rank}
        self.stored = dict.fromkeys(stored_terms(plan, given, repeated - set(given)), "")

    def kernels(self) -> list[Kernel]:
        """Those of stored terms, then those of pieces."""
        found = super().kernels()
        windows = [(root, place, place.start) for root, place in self._places if place.start is not None]
        if windows:
            found.append(self._windows(windows))
        offset = ZERO
        for group in slot_groups([place for _, place in self._places]):
            for k, number in enumerate(group):
                root, place = self._places[number]
                found.append(self._at_slots(root, place, _Listed(offset, len(group), k)))
            offset = offset + Size.of(len(group)) * product(place.extents)
        return found

    def _placed(self, root: Term, vector: int, kernel: Callable[[Term], Kernel]) -> Kernel:
        """A kernel of its own for a term that stands for the placement."""
        self.reading = {}
        term = self._plan.terms.make("placed", (root,), (vector, len(self.stored)), ())
        self.stored[term] = self._vectors[vector]
        made = kernel(term)
        made.needs = self.reading
        return made

    def _local(self, kernel: Kernel) -> bool:
        return kernel.term.head != "placed" and super()._local(kernel)

    def _at_slots(self, root: Term, place: Place, listed: _Listed) -> Kernel:
        """One entry for all labels, at its slot."""

        def kernel(term: Term) -> Kernel:
            position = tuple(self._axes[: len(place.extents)])
            flat = position[0] if position else "0"
            for axis, size in zip(position[1:], place.extents[1:], strict=True):
                flat = f"({flat}) * {self.size(size)} + {axis}"
            flat = f"({flat}) * {listed.group} + {listed.number}"
            flat = flat if listed.offset == ZERO else f"{self.size(listed.offset)} + {flat}"
            value = self.entry(root, tuple(position[label] for label in place.along))
            target = f"{self._vectors[place.vector]}[{self._slots}[{flat}]]"
            line = f"{target} {'=' if place.alone else '+='} {value}"
            return Kernel(term, place.extents, lambda at: [line], serial=not place.alone)

        return self._placed(root, place.vector, kernel)

    def _windows(self, windows: Sequence[_Window]) -> Kernel:
        """Vectors put together from windows: one loop where all windows are, and guarded ones before and behind it."""

        def kernel(term: Term) -> Kernel:
            axis, low, high = self._axes[0], self._names.temporary(), self._names.temporary()
            plain: list[str] = []
            edges: list[list[str]] = []
            for vector in dict.fromkeys(place.vector for _, place, _ in windows):
                name, total = self._vectors[vector], self._names.temporary()
                own = [window for window in windows if window[1].vector == vector]
                guarded = [f"{total} = 0.0"]
                for root, place, start in own:
                    stop = self.size(start + place.extents[0])
                    guarded.append(f"if {self.size(start)} <= {axis} < {stop}:")
                    guarded.append(f"    {total} += {self._at(axis, root, place, start)}")
                guarded.append(f"{name}[{axis}] = {total}")
                plain.append(f"{name}[{axis}] = {self._everything(axis, own)}")
                for span in (f"min({low}, {name}.size)", f"{high}, {name}.size"):
                    edges.append([f"for {axis} in range({span}):", *indented(guarded)])
            starts = [self.size(start) for _, _, start in windows]
            stops = [self.size(start + place.extents[0]) for _, place, start in windows]
            lines = [
                f"{low} = {extreme('max', ['0', *starts])}",
                f"{high} = max({low}, {extreme('min', stops)})",
                f"for {axis} in prange({low}, {high}):",
                *indented(plain),
                *(line for edge in edges for line in edge),
            ]
            return Kernel(term, (), None, lines)

        return self._placed(windows[0][0], windows[0][1].vector, kernel)

    def _at(self, axis: str, root: Term, place: Place, start: Size) -> str:
        """The entry of a window that stands at a position."""
        moved = axis if start == ZERO else f"({axis} - {self.size(start)})"
        return self.entry(root, (moved,) if place.along else ())

    def _everything(self, axis: str, windows: Sequence[_Window]) -> str:
        """The sum of all windows at a position, the numbers in it put together."""
        parts = [
            (*((root, Fraction(0)) if root in self.stored else _apart(root)), place, start)
            for root, place, start in windows
        ]
        constant = sum((number for _, number, _, _ in parts), Fraction(0))
        sums = [f"({self._at(axis, root, place, start)})" for root, _, place, start in parts if root is not None]
        if constant or not sums:
            sums.append(ast.unparse(python.number(constant)))
        return " + ".join(sums)


def _apart(root: Term) -> tuple[Term | None, Fraction]:
    """A term without the number that it ends with, and that number."""
    if root.head == "number":
        return None, Fraction(root.options[0])
    if root.head in ("+", "-") and root.arguments[1].head == "number" and root.arguments[0].shape == root.shape:
        number = Fraction(root.arguments[1].options[0])
        return root.arguments[0], number if root.head == "+" else -number
    return root, Fraction(0)
