"""SymPy expressions to surface trees and declarations. Nothing is evaluated, simplified or differentiated by SymPy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from hesse.core.declarations import Declaration, Declarations, FunctionDeclaration, VariableDeclaration, natural_key
from hesse.core.size_trees import combined
from hesse.core.sizes import Size, equal
from hesse.core.syntax import Binary, Index, Name, Slice, Stack, Syntax, fold, number
from hesse.errors import ArgumentError, DeclarationError, LimitError
from hesse.frontends.text.vocabulary import reserved
from hesse.interop import sympy_matrices, sympy_scalars
from hesse.interop.library import sympy, sympy_class
from hesse.interop.sympy_parts import Handler, Part, kind_of, refusal
from hesse.notation.trees import size_tree

NESTED = 16
_NAME = re.compile(r"[^\W\d_]\w*")
_HANDLERS: Mapping[str, Handler] = {**sympy_scalars.HANDLERS, **sympy_matrices.HANDLERS}
_OPERANDS: Mapping[str, Any] = {**sympy_scalars.OPERANDS, **sympy_matrices.OPERANDS}


def read_sympy(expr: Any, declared: Declarations) -> tuple[Syntax, Declarations, tuple[str, ...]]:
    """The tree of a SymPy expression, the declarations of its symbols, and how they were read.

    Symbols that are declared must fit; the others are declared as SymPy says: a Symbol is a scalar, a MatrixSymbol
    n x 1 a vector. Raises ArgumentError for what has no meaning here.
    """
    sp = sympy()
    try:
        expr = sp.sympify(expr, strict=True)
    except sp.SympifyError:
        raise ArgumentError(f"a SymPy expression is expected, not a value of type {type(expr).__name__}") from None
    reader = Reader(sp, declared)
    try:
        part = reader.read(expr)
    except RecursionError:
        raise LimitError("the SymPy expression is nested too deeply") from None
    tree: Syntax = Stack((part.tree,)) if part.kind == "row" else part.tree
    return tree, reader.declarations(), tuple(reader.readings)


class Reader:
    """One reading: the names so far, and the parts that are read."""

    def __init__(self, sp: Any, declared: Declarations) -> None:
        self.sp = sp
        self.applied = sympy_class("AppliedUndef")
        self.declared = declared
        self.readings: dict[str, None] = {}
        self._classes = {sympy_class(name): name for name in _HANDLERS}
        self._found: dict[str, Declaration] = {}
        self._owners: dict[str, Any] = {}
        self._indices: dict[Any, str] = {}
        self._sizes: set[str] = set(declared.size_names)
        self._names: set[str] = set()
        self._depth = 0

    def declarations(self) -> Declarations:
        """The declarations that were given and those of the other symbols, in natural order."""
        new = [entry for name, entry in self._found.items() if self.declared.find(name) is None]
        return self.declared.extended(*sorted(new, key=lambda entry: natural_key(entry.name)))

    def read(self, root: Any, bound: Mapping[Any, Syntax] | None = None) -> Part:
        """The part of an expression, without recursion over it; `bound` are trees in place of symbols."""
        self._names |= {str(symbol) for symbol in root.free_symbols}
        self._note_sizes(root)
        self._note_indices(root)
        parts: dict[Any, Part] = {symbol: Part(tree) for symbol, tree in (bound or {}).items()}
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            expr, ready = stack.pop()
            if expr in parts:
                continue
            name = self._kind(expr)
            operands = _OPERANDS[name](expr) if name in _OPERANDS else list(expr.args)
            if ready:
                parts[expr] = _HANDLERS[name](self, expr, [parts[operand] for operand in operands])
            else:
                stack.append((expr, True))
                stack.extend((operand, False) for operand in reversed(operands))
        return parts[root]

    def inside(self, body: Any, bound: Mapping[Any, Syntax]) -> Syntax:
        """The tree of the body of a function, with trees in place of its variables."""
        self._depth += 1
        if self._depth > NESTED:
            raise LimitError(f"more than {NESTED} functions of entries are nested, which is the limit")
        part = self.read(body, bound)
        self._depth -= 1
        return part.tree

    def _kind(self, expr: Any) -> str:
        for cls in type(expr).__mro__:
            if cls in self._classes:
                return self._classes[cls]
        raise refusal(f"`{type(expr).__name__}`", f"it stands in {_brief(expr)}")

    def _note_sizes(self, root: Any) -> None:
        """The symbols that stand for sizes: those in the shapes of matrices."""
        for part in self.sp.preorder_traversal(root):
            shape = getattr(part, "shape", ()) if isinstance(part, (self.sp.MatrixExpr, self.sp.IndexedBase)) else ()
            for size in shape or ():
                for symbol in self.sp.sympify(size).free_symbols:
                    self._sizes.add(self._own(symbol))

    def _note_indices(self, root: Any) -> None:
        """Names for the indices of sums: their own, where no other symbol has it."""
        sums = [part for part in self.sp.preorder_traversal(root) if isinstance(part, (self.sp.Sum, self.sp.Product))]
        found = dict.fromkeys(limit[0] for part in sums for limit in part.limits)
        taken = {str(symbol) for symbol in self.sp.sympify(root).free_symbols} | set(self._sizes)
        taken |= {entry.name for entry in self.declared}
        for symbol in found:
            if symbol not in self._indices:
                free = chain([str(symbol)], "ijkl", (f"i{k}" for k in count(1)))
                used = taken | set(self._indices.values())
                self._indices[symbol] = next(
                    name for name in free if name not in used and _NAME.fullmatch(name) and not reserved(name)
                )

    def _own(self, symbol: Any) -> str:
        """The name of a symbol, which no other symbol may have."""
        name = str(symbol)
        if not _NAME.fullmatch(name) or reserved(name):
            raise refusal(f"a symbol called `{name}`", "replace it by one whose name is a word, with `expr.subs`")
        if self._owners.setdefault(name, symbol) != symbol:
            raise refusal(f"an expression with two different symbols called `{name}`", "rename one of them")
        return name

    def index(self, symbol: Any) -> str:
        """The name of a running index."""
        return self._indices[symbol]

    def constant(self, name: str) -> Syntax:
        """pi or e. Raises ArgumentError where this is the name of a variable."""
        if self.declared.find(name) is not None or name in self._names:
            raise refusal(f"the constant {name} beside a symbol called `{name}`", "rename the symbol")
        return Name(name)

    def symbol(self, symbol: Any) -> Syntax:
        """A scalar variable, a size, or a running index."""
        if symbol in self._indices:
            return Name(self._indices[symbol])
        name = self._own(symbol)
        if name in self._sizes:
            return Name(name)
        if symbol.is_extended_real is False or isinstance(symbol, self.sp.Idx):
            raise refusal(f"`{name}`, which is no real variable,")
        self._declare(VariableDeclaration(name, (), frozenset({"pos"} if symbol.is_positive else ())))
        return Name(name)

    def matrix(self, expr: Any) -> Syntax:
        """The tree of a MatrixSymbol: for n x 1 and 1 x n one of a vector, for 1 x 1 one of a scalar."""
        name = self._own(expr)
        kind = kind_of(expr.shape)
        rows, columns = (self._size(size) for size in expr.shape)
        shape: tuple[Size, ...] = (rows,) if kind in ("column", "scalar") else (rows, columns)
        given = self.declared.variables.get(name)
        if given is not None:
            self._check_declared(given, (rows, columns))
            shape = given.shape
        elif len(shape) == 1:
            self.readings[f"`{name}` is {rows} × 1: read as a vector of {rows} entries"] = None
        self._declare(VariableDeclaration(name, shape))
        first, whole = number(0), Slice(None, None, None)
        items: dict[tuple[str, int], tuple[Syntax | Slice, ...]] = {
            ("column", 2): (whole, first), ("row", 2): (first,), ("scalar", 2): (first, first), ("scalar", 1): (first,),
        }  # fmt: skip
        taken = items.get((kind, len(shape)), ())
        return Index(Name(name), taken) if taken else Name(name)

    def _check_declared(self, entry: VariableDeclaration, shape: tuple[Size, Size]) -> None:
        fitting = [tuple(size for size in shape if size.as_int() != 1), shape[:1], shape[1:], shape]
        wide = [each for each in fitting if len(each) == len(entry.shape)]
        if not any(all(equal(a, b) for a, b in zip(entry.shape, each, strict=True)) for each in wide):
            sizes = " × ".join(map(str, shape))
            raise DeclarationError(f"`{entry.name}` is declared as `{entry}`, and SymPy has it as {sizes}")

    def array(self, base: Any) -> Syntax:
        """The tree of an IndexedBase."""
        name = self._own(base.label)
        if self.declared.find(name) is None:
            if base.shape is None:
                hint = f"declare it, as in `from_sympy(expr, '{name}:n')`"
                raise refusal(f"`{name}`, whose shape is not given,", hint)
            self._declare(VariableDeclaration(name, tuple(map(self._size, base.shape))))
        return Name(name)

    def function(self, function: Any) -> str:
        """The name of an undefined function, which is applied entry by entry."""
        name = self._own(function)
        self._declare(FunctionDeclaration(name, (), ()))
        return name

    def size(self, size: Any) -> Syntax:
        """The tree of a size."""
        return self.read(self.sp.sympify(size)).tree

    def position(self, tree: Syntax, more: int = 0) -> Syntax:
        """The tree of a position plus an integer, tidied where it is a polynomial: n-1 for -1 + n."""
        size = fold(tree, _polynomial)
        if size is not None:
            return size_tree(size + more)
        return Binary("+", tree, number(more)) if more else tree

    def multiple(self, start: Syntax, stop: Syntax, step: Syntax) -> Syntax:
        """The last stop from which a whole number of steps leads back to the start."""
        first, last, stride = (fold(tree, _polynomial) for tree in (start, stop, step))
        if first is None or last is None or stride is None or (length := stride.as_int()) is None or length < 1:
            raise refusal("a slice with this step", "the ends are sizes, and the step is a positive integer")
        return size_tree(first + (last - first) // length * length)

    def _size(self, size: Any) -> Size:
        def visit(tree: Syntax, parts: tuple[Size, ...]) -> Size:
            found = combined(tree, parts)
            if found is None:
                raise refusal(f"the size {size}", "sizes are integer polynomials of symbols")
            return found

        return fold(self.size(size), visit)

    def _declare(self, entry: Declaration) -> None:
        self._found.setdefault(entry.name, entry)


def _polynomial(tree: Syntax, parts: tuple[Size | None, ...]) -> Size | None:
    known = [part for part in parts if part is not None]
    return combined(tree, tuple(known)) if len(known) == len(parts) else None


def _brief(expr: Any) -> str:
    text = str(expr)
    return text if len(text) <= 40 else f"{text[:40]}…"
