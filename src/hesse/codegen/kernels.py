"""How the terms of a program of loops are computed: what stands in a loop over positions, and what around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hesse.codegen.entries import Entries, Position
from hesse.codegen.indexing import Placed
from hesse.codegen.names import Names
from hesse.codegen.stored import ALONG, LIBRARY, ROWS, STACKS, TOTALS, arrays_of
from hesse.codegen.terms import Term
from hesse.core.nodes import Shape
from hesse.core.sizes import ZERO, Size


@dataclass(eq=False)
class Kernel:
    """How a stored term is computed: statements before, in and behind a loop over positions."""

    term: Term
    space: Shape
    inside: Callable[[Position], list[str]] | None
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    total: bool = False
    serial: bool = False
    needs: dict[Term, set[Position]] = field(default_factory=dict)

    def joins(self, other: Kernel) -> bool:
        """Whether both can be in one loop."""
        loops = self.inside is not None and other.inside is not None and bool(self.space)
        return loops and self.space == other.space and not self.serial and not other.serial


class Kernels(Entries):
    """Writes the kernels of terms; `buffers` are arrays for values that the caller gives."""

    def __init__(
        self,
        names: Names,
        given: Mapping[Term, str],
        buffers: Mapping[Term, str],
        spell: Callable[[Term, Sequence[str]], str],
        size: Callable[[Size], str],
    ) -> None:
        super().__init__(given, spell, size)
        self._names = names
        self._buffers = buffers
        self._axes = [names.number(name) for name in "i j k l o q".split()]
        self._inner = [names.number(name) for name in "a b c d g h s t u v w z".split()]

    def kernel(self, term: Term, name: str) -> Kernel:
        """How the term is computed into the variable."""
        self.reading = {}
        build = {
            "@": self._product, "einsum": self._einsum, "assemble": self._assembled, "trace": self._trace,
            **dict.fromkeys(TOTALS, self._sum), **dict.fromkeys(ROWS, self._row), **dict.fromkeys(ALONG, self._along),
            **dict.fromkeys(LIBRARY, self._library), **dict.fromkeys(("stack", "stack_along"), self._stacked),
            "reshape": self._reshaped, "concat": self._concatenated,
        }.get(term.head, self._map)  # fmt: skip
        kernel = build(term, name)
        kernel.needs = self.reading
        return kernel

    def _empty(self, term: Term, name: str, made: str = "np.empty") -> list[str]:
        """The array for a term, unless the caller gives it."""
        if term in self._buffers:
            return [] if made == "np.empty" else [f"{name}[...] = 0.0"]
        return [f"{name} = {made}({self._shape(term.shape)})"]

    def _shape(self, shape: Shape) -> str:
        return f"({', '.join(map(self.size, shape))},)"

    def _map(self, term: Term, name: str) -> Kernel:
        """One entry at each position."""
        position = tuple(self._axes[: term.rank])
        value = self.own_entry(term, position)
        if not term.rank:
            return Kernel(term, (), lambda at: [f"{name} = {value}"])
        line = f"{name}[{', '.join(position)}] = {value}"
        return Kernel(term, term.shape, lambda at: [line], self._empty(term, name))

    def _stacked(self, term: Term, name: str) -> Kernel:
        """All items at each position of theirs."""
        space = _item_shape(term)
        position = tuple(self._axes[: len(space)])
        places = _items(term, position)
        lines = [f"{name}[{', '.join(place)}] = {self.entry(item, position)}" for place, item in places]
        return Kernel(term, space, lambda at: lines, self._empty(term, name))

    def _sum(self, term: Term, name: str) -> Kernel:
        (argument,) = term.arguments
        (axis,) = term.options
        count = " * ".join(self.size(size) for k, size in enumerate(argument.shape) if axis in (None, k))
        if axis is None:
            position = tuple(self._axes[: argument.rank])
            value = self._summand(term.head, self.entry(argument, position))
            after = [f"{name} = {_finished(term.head, name, count)}"] if term.head in ("mean", "norm") else []
            line = f"{name} += {value}"
            return Kernel(term, argument.shape, lambda at: [line], [f"{name} = 0.0"], after, total=True)
        position = tuple(self._axes[: term.rank])
        inner, total = self._inner[0], self._names.temporary()
        value = self._summand(term.head, self.entry(argument, (*position[:axis], inner, *position[axis:])))
        lines = [
            f"{total} = 0.0",
            f"for {inner} in range({self.size(argument.shape[axis])}):",
            f"    {total} += {value}",
            f"{name}[{', '.join(position)}] = {_finished(term.head, total, count)}",
        ]
        return Kernel(term, term.shape, lambda at: lines, self._empty(term, name))

    def _summand(self, head: str, value: str) -> str:
        if head == "norm1":
            return f"abs({value})"
        return f"({value}) ** 2" if head == "norm" else value

    def _trace(self, term: Term, name: str) -> Kernel:
        (axis,) = self._axes[:1]
        line = f"{name} += {self.entry(term.arguments[0], (axis, axis))}"
        return Kernel(term, term.arguments[0].shape[:1], lambda at: [line], [f"{name} = 0.0"], total=True)

    def _product(self, term: Term, name: str) -> Kernel:
        left, right = term.arguments
        if left.rank == right.rank == 1:
            at = (self._axes[0],)
            line = f"{name} += ({self.entry(left, at)}) * ({self.entry(right, at)})"
            return Kernel(term, left.shape, lambda _: [line], [f"{name} = 0.0"], total=True)
        if not arrays_of(term):
            rows, columns = "i" * (left.rank - 1), "j" * (right.rank - 1)
            return self._contraction(term, name, [rows + "k", "k" + columns], rows + columns)
        value = f"np.dot({self.array(left)}, {self.array(right)})"
        return Kernel(term, term.shape, None, self._whole(term, name, value))

    def _whole(self, term: Term, name: str, value: str) -> list[str]:
        """The array that a function returns."""
        return [f"{name}[...] = {value}" if term in self._buffers else f"{name} = {value}"]

    def _einsum(self, term: Term, name: str) -> Kernel:
        left, _, out = term.options[0].partition("->")
        return self._contraction(term, name, left.split(","), out)

    def _contraction(self, term: Term, name: str, words: Sequence[str], out: str) -> Kernel:
        extents = {
            letter: size
            for word, argument in zip(words, term.arguments, strict=True)
            for letter, size in zip(word, argument.shape, strict=True)
        }
        summed = [letter for letter in extents if letter not in out]
        place = dict(zip(out, self._axes, strict=False)) | dict(zip(summed, self._inner, strict=False))
        factors = [
            f"({self.entry(argument, tuple(place[letter] for letter in word))})"
            for word, argument in zip(words, term.arguments, strict=True)
        ]
        position = tuple(self._axes[: len(out)])
        total = self._names.temporary()
        lines = [f"{total} = 0.0"]
        for level, letter in enumerate(summed):
            lines.append(f"{'    ' * level}for {place[letter]} in range({self.size(extents[letter])}):")
        lines.append(f"{'    ' * len(summed)}{total} += {' * '.join(factors)}")
        lines.append(f"{name}[{', '.join(position)}] = {total}" if position else f"{name} = {total}")
        return Kernel(term, term.shape, lambda at: lines, self._empty(term, name) if position else [])

    def _row(self, term: Term, name: str) -> Kernel:
        (axis,) = term.options
        array = self.array(term.arguments[0])
        if axis is None:
            return Kernel(term, (), None, [f"{name} = row_{term.head}({array}.ravel())"])
        position = tuple(self._axes[: term.rank])
        row = ", ".join((*position[:axis], ":", *position[axis:]))
        line = f"{name}[{', '.join(position)}] = row_{term.head}({array}[{row}])"
        return Kernel(term, term.shape, lambda at: [line], self._empty(term, name))

    def _along(self, term: Term, name: str) -> Kernel:
        (axis,) = term.options
        array = self.array(term.arguments[0])
        if axis is None:
            value = f"{term.head}({array}.ravel()).reshape({self._shape(term.shape)})"
            return Kernel(term, term.shape, None, [*self._empty(term, name), f"{name}[...] = {value}"])
        others = term.shape[:axis] + term.shape[axis + 1 :]
        position = tuple(self._axes[: len(others)])
        row = ", ".join((*position[:axis], ":", *position[axis:]))
        line = f"{name}[{row}] = {term.head}({array}[{row}])"
        return Kernel(term, others, lambda at: [line], self._empty(term, name), serial=True)

    def _library(self, term: Term, name: str) -> Kernel:
        parts = [self.array(argument) if argument.rank else self.entry(argument, ()) for argument in term.arguments]
        function = {"logdet": "logdet", "matpow": "np.linalg.matrix_power"}.get(term.head, f"np.linalg.{term.head}")
        value = f"{function}({', '.join(parts)})"
        return Kernel(term, term.shape, None, self._whole(term, name, value))

    def _reshaped(self, term: Term, name: str) -> Kernel:
        value = f"np.ascontiguousarray({self.array(term.arguments[0])}).reshape({self._shape(term.shape)})"
        return Kernel(term, term.shape, None, self._whole(term, name, value))

    def _concatenated(self, term: Term, name: str) -> Kernel:
        (axis,) = term.options
        lines = self._empty(term, name)
        start = ZERO
        for argument in term.arguments:
            stop = start + argument.shape[axis]
            place = ", ".join((*(":",) * axis, f"{self.size(start)}:{self.size(stop)}"))
            lines.append(f"{name}[{place}] = {self.array(argument)}")
            start = stop
        return Kernel(term, term.shape, None, lines)

    def _assembled(self, term: Term, name: str) -> Kernel:
        if term.rank == 1 and all(_window(piece.template) for piece in term.options):
            return self._gathered(term, name)
        lines = self._empty(term, name, "np.zeros")
        for piece in term.options:
            lines += self._scattered(term, piece, name)
        return Kernel(term, term.shape, None, lines)

    def _gathered(self, term: Term, name: str) -> Kernel:
        """A vector put together from windows: at each position the sum of what lies there."""
        (axis,) = self._axes[:1]
        total = self._names.temporary()
        guarded, plain, starts, stops = [f"{total} = 0.0"], [f"{total} = 0.0"], [], []
        for piece in term.options:
            found = self.picked(term, piece.template[0], term.shape[0])
            assert isinstance(found, tuple)
            start, length, _ = found
            value, stop = term.arguments[piece.value], start + length
            offset = axis if start == ZERO else f"({axis} - {self.size(start)})"
            entry = self.entry(value, (offset,) if value.rank else ())
            line = f"{total} {'-' if piece.negative else '+'}= {entry}"
            within = f"{self.size(start)} <= {axis} < {self.size(stop)}"
            guarded += [line] if (start, length) == (ZERO, term.shape[0]) else [f"if {within}:", f"    {line}"]
            plain.append(line)
            starts.append(self.size(start))
            stops.append(self.size(stop))
        store = f"{name}[{axis}] = {total}"
        lines = [*guarded, store]
        if len(guarded) == len(plain):
            return Kernel(term, term.shape, lambda at: [*plain, store], self._empty(term, name))
        low, high = self._names.temporary(), self._names.temporary()
        everything = self.size(term.shape[0])
        before = self._empty(term, name)
        before += [
            f"{low} = {extreme('max', ['0', *starts])}",
            f"{high} = max({low}, {extreme('min', [*stops, everything])})",
        ]
        loops = [
            *before,
            f"for {axis} in range({low}):", *("    " + line for line in lines),
            f"for {axis} in prange({low}, {high}):", *("    " + line for line in (*plain, store)),
            f"for {axis} in range({high}, {everything}):", *("    " + line for line in lines),
        ]  # fmt: skip
        return Kernel(term, term.shape, None, loops)

    def _scattered(self, term: Term, piece: Placed, name: str) -> list[str]:
        """Loops that add a piece at its places. Positions in arrays run together, first where they stand apart."""
        template, value = piece.template, term.arguments[piece.value]
        picked = [self.picked(term, item, size) for item, size in zip(template, term.shape, strict=False)]
        tables = [k for k, each in enumerate(picked) if isinstance(each, Term) and each.rank]
        apart = bool(tables) and tables[-1] - tables[0] >= len(tables)
        axes = iter(self._axes)
        joint = next(axes) if tables else ""
        loops: list[tuple[str, Size]] = []
        place: list[str] = []
        for k, each in enumerate(picked):
            if isinstance(each, Size):
                place.append(self.size(each))
            elif isinstance(each, Term):
                place.append(self.entry(each, (joint,) if each.rank else ()))
                loops += [(joint, each.shape[0])] if tables and k == tables[0] else []
            else:
                loops.append((next(axes), each[1]))
                place.append(self.moved(loops[-1][0], each))
        loops += [(next(axes), size) for size in term.shape[len(picked) :]]
        place += [axis for axis, _ in loops[len(loops) - (term.rank - len(picked)) :]]
        if apart:
            loops.sort(key=lambda loop: loop[0] != joint)
        lines = [f"{'    ' * level}for {axis} in range({self.size(n)}):" for level, (axis, n) in enumerate(loops)]
        entry = self.broadcast(value, tuple(axis for axis, _ in loops), len(loops))
        lines.append(f"{'    ' * len(loops)}{name}[{', '.join(place)}] {'-' if piece.negative else '+'}= {entry}")
        return lines


def _finished(head: str, total: str, count: str) -> str:
    return {"mean": f"{total} / ({count})", "norm": f"math.sqrt({total})"}.get(head, total)


def _window(template: Sequence[object]) -> bool:
    """Whether all that is picked is one slice with steps of 1."""
    return len(template) == 1 and isinstance(template[0], tuple) and template[0][2] is None


def _item_shape(term: Term) -> Shape:
    """The shape of what is stacked, in stacks of stacks of the innermost."""
    while term.head in STACKS:
        term = term.arguments[0]
    return term.shape


def _items(term: Term, position: Position) -> Iterator[tuple[Position, Term]]:
    """The places in a stack, and what stands there."""
    if term.head not in STACKS:
        yield position, term
        return
    axis = term.options[0] if term.options else 0
    for k, item in enumerate(term.arguments):
        for place, part in _items(item, position):
            yield (*place[:axis], str(k), *place[axis:]), part


def indented(lines: Sequence[str], levels: int = 1) -> list[str]:
    """The lines further to the right."""
    return ["    " * levels + line for line in lines]


def extreme(function: str, values: Sequence[str]) -> str:
    """The largest or the smallest; of numbers that are known, one is left, and of one value, that."""
    numbers = [int(value) for value in values if value.isdecimal()]
    known = [str((max if function == "max" else min)(numbers))] if numbers else []
    different = list(dict.fromkeys([*known, *(value for value in values if not value.isdecimal())]))
    return f"{function}({', '.join(different)})" if len(different) > 1 else different[0]
