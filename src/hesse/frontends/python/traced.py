"""The values that a user's function gets: they look like NumPy arrays, and write down what is done with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any, NoReturn

from hesse.core.indices import nonnegative
from hesse.core.nodes import Elementwise
from hesse.core.sizes import Size, product
from hesse.core.syntax import Syntax
from hesse.frontends.python import hints
from hesse.frontends.python.array_functions import array_function
from hesse.frontends.python.indexing import indexed
from hesse.frontends.python.operations import negative, transposed
from hesse.frontends.python.operators import bits, decided, floor_division, in_place, operator, refused
from hesse.frontends.python.places import user_place
from hesse.frontends.python.registry import HANDLERS, VIEWS
from hesse.frontends.python.trace import Trace
from hesse.frontends.python.ufuncs import COMPOSITIONS, elementwise, refuse_dtype, ufunc
from hesse.frontends.python.values import Value
from hesse.functions import FUNCTIONS
from hesse.notation.trees import size_tree

METHODS = frozenset({
    "all", "any", "argmax", "argmin", "argsort", "clip", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero",
    "prod", "ravel", "repeat", "searchsorted", "sort", "squeeze", "std", "sum", "swapaxes", "trace", "var",
})  # fmt: skip
REFUSED_METHODS = frozenset({
    "choose", "compress", "fill", "itemset", "partition", "put", "resize", "round", "take", "tobytes", "view",
})  # fmt: skip
_STORAGE = frozenset({"copy", "device", "like", "subok"})  # how NumPy stores an array, and not what is in it


class Traced(Value):
    """An array of the user's function: its tree grows with every operation."""

    __slots__ = ()

    # What NumPy asks an array for.

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes of the axes: integers, and symbolic sizes that count as scalars."""
        return tuple(size_value(self.record, size) for size in self.record.shape(self.tree))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.record.rank(self.tree)

    @property
    def T(self) -> Traced:
        """The transpose."""
        return self._view(transposed(self.record, self.tree))

    @property
    def size(self) -> Any:
        """The number of entries."""
        return size_value(self.record, product(self.record.shape(self.tree)))

    @property
    def dtype(self) -> Any:
        """The type of the entries: float64, as NumPy's own object where NumPy is in use."""
        numpy = sys.modules.get("numpy")
        return float if numpy is None else numpy.dtype(float)

    @property
    def real(self) -> Traced:
        """The array itself."""
        return self

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("len() of a scalar")
        size = self.record.shape(self.tree)[0].as_int()
        if size is None:
            hint = "write `x.shape[0]`, which may be symbolic"
            raise self._refuse("the length of a symbolic axis is no integer", hint)
        return size

    def __array_ufunc__(self, function: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return Traced(self.record, ufunc(self.record, function.__name__, method, inputs, options))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        module = function.__module__.removeprefix("numpy").lstrip(".")
        name = f"{module}.{function.__name__}".lstrip(".")
        if module == "linalg" and name not in HANDLERS:
            name = function.__name__
        if name in ("shape", "ndim", "size"):
            return getattr(arguments[0], name)
        if name in ("iscomplexobj", "isrealobj"):
            return name == "isrealobj"
        if name == "result_type":
            return self.dtype
        return self._call(name, *arguments, **{key: value for key, value in options.items() if key not in _STORAGE})

    def _call(self, name: str, *arguments: Any, **options: Any) -> Any:
        result = array_function(self.record, name, arguments, options)
        if isinstance(result, list):
            return tuple(Traced(self.record, tree) for tree in result)
        return self._view(result) if name in VIEWS else Traced(self.record, result)

    def _view(self, tree: Syntax) -> Traced:
        self.viewed = True
        return Traced(self.record, tree, owned=False)

    def __getattr__(self, name: str) -> Any:
        if name == "__array__" and self.ndim:
            return self._no_array
        if name in METHODS:
            return partial(self._call, name, self)
        if name in REFUSED_METHODS:
            raise self._refuse(f"the method `{name}` of arrays is not read")
        if not self.ndim and (isinstance(FUNCTIONS.get(name), Elementwise) or name in COMPOSITIONS):
            # NumPy's functions call these methods on the entries of an array of objects.
            return lambda: Traced(self.record, elementwise(self.record, name, self.tree))
        raise AttributeError(f"a traced array has no attribute {name!r}")

    # Methods of arrays with signatures of their own.

    def reshape(self, *shape: Any, order: str = "C") -> Traced:
        """The entries in another shape."""
        result = self._call("reshape", self, shape[0] if len(shape) == 1 else shape, order=order)
        assert isinstance(result, Traced)
        return result

    def transpose(self, *axes: Any) -> Traced:
        """The array with its axes in another order."""
        order = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes or None
        return self._view(transposed(self.record, self.tree, order))

    def flatten(self, order: str = "C") -> Traced:
        """The entries in a vector of its own."""
        return Traced(self.record, self._call("ravel", self, order=order).tree)

    def astype(self, dtype: Any, **options: Any) -> Traced:
        """The array itself: its entries are real numbers."""
        refuse_dtype(self.record, dtype)
        return Traced(self.record, self.record.counted(self.tree))

    def copy(self, *order: str) -> Traced:
        """The same values in an array of its own."""
        return Traced(self.record, self.tree)

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> Traced:
        return self.copy()

    def made(self, tree: Syntax, *, size: Size | None = None) -> Any:
        """An array (or a scalar) of the same run; an integer where the size is one."""
        return Traced(self.record, tree) if size is None else size_value(self.record, size)

    # Entries.

    def __getitem__(self, item: Any) -> Traced:
        return self._view(indexed(self.record, self.tree, item))

    def __iter__(self) -> Iterator[Traced]:
        if not self.ndim:
            raise TypeError("iteration over a scalar")
        size = self.record.shape(self.tree)[0]
        count = size.as_int()
        if count is None:
            hint = f"use whole arrays, such as `np.sum(x)`, or declare an integer in the place of {size}"
            raise self._refuse(f"a loop over an axis of symbolic size {size}", hint)
        return (self[k] for k in range(count))

    def __setitem__(self, item: Any, value: Any) -> NoReturn:
        hint = "build the array from its parts: `np.stack([a, b])`, `np.concatenate(...)`, `np.where(condition, a, b)`"
        raise self._refuse("a write into an array", hint)

    # Operators.

    __add__, __radd__, __iadd__ = operator("+"), operator("+", reflected=True), in_place("+")
    __sub__, __rsub__, __isub__ = operator("-"), operator("-", reflected=True), in_place("-")
    __mul__, __rmul__, __imul__ = operator("*"), operator("*", reflected=True), in_place("*")
    __truediv__, __rtruediv__, __itruediv__ = operator("/"), operator("/", reflected=True), in_place("/")
    __pow__, __rpow__, __ipow__ = operator("**"), operator("**", reflected=True), in_place("**")
    __matmul__, __rmatmul__, __imatmul__ = operator("@"), operator("@", reflected=True), in_place("@")
    __lt__, __le__, __gt__, __ge__ = operator("<"), operator("<="), operator(">"), operator(">=")
    __eq__, __ne__ = operator("=="), operator("!=")
    __and__, __rand__ = bits("bitwise_and"), bits("bitwise_and", reflected=True)
    __or__, __ror__ = bits("bitwise_or"), bits("bitwise_or", reflected=True)
    __xor__ = __rxor__ = refused("^", "bitwise_xor")
    __lshift__ = __rlshift__ = refused("<<", "left_shift")
    __rshift__ = __rrshift__ = refused(">>", "right_shift")
    __floordiv__ = floor_division
    __rfloordiv__ = refused("//", "floor_divide")
    __mod__ = __rmod__ = refused("%", "remainder")
    __divmod__ = __rdivmod__ = refused("divmod", "divmod")

    def __neg__(self) -> Traced:
        if self.axis_size is not None:
            opposite = self.axis_size * -1
            return Traced(self.record, size_tree(opposite), axis_size=opposite)
        return Traced(self.record, negative(self.record, self.tree))

    def __pos__(self) -> Traced:
        return self.copy()

    def __abs__(self) -> Traced:
        return Traced(self.record, elementwise(self.record, "abs", self.tree))

    def __invert__(self) -> Traced:
        return Traced(self.record, elementwise(self.record, "invert", self.tree))

    # What no expression can say.

    def __hash__(self) -> int:
        if self.axis_size is None:
            raise TypeError("a traced array has no hash")
        return hash(self.axis_size)

    def __bool__(self) -> bool:
        if self.axis_size is not None:
            return decided(self, nonnegative(self.axis_size - 1))
        raise self._refuse("a branch on a value", hints.branch(user_place()))

    def __float__(self) -> float:
        raise self._refuse("a value becomes a Python float", hints.conversion(user_place()))

    def __int__(self) -> int:
        if self.axis_size is not None:
            raise self._refuse(f"the symbolic size {self.axis_size} is needed as an integer", hints.SIZES)
        raise self._refuse("a value becomes a Python integer", hints.AS_NUMBERS)

    def __complex__(self) -> complex:
        raise self._refuse("a value becomes a complex number", hints.AS_NUMBERS)

    def __index__(self) -> int:
        if self.axis_size is not None:
            raise self._refuse(f"the symbolic size {self.axis_size} is needed as an integer", hints.SIZES)
        raise self._refuse("a value becomes a position", "declare an index array, `idx:p:index(n)`, and write `x[idx]`")

    def __format__(self, specification: str) -> str:
        if specification:
            raise self._refuse("a value is written with a number of digits", hints.AS_NUMBERS)
        return repr(self)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.record.shape(self.tree))) or "a scalar"
        return f"<traced array, {shape}>"

    def item(self, *position: Any) -> NoReturn:
        """Refused: there is no number."""
        raise self._refuse("a value becomes a Python number", hints.AS_NUMBERS)

    tolist = item

    def _no_array(self, *arguments: Any, **options: Any) -> NoReturn:
        raise self._refuse("a traced array becomes an array of numbers", hints.ARRAYS)

    def _refuse(self, message: str, hint: str = "") -> Exception:
        return self.record.refuse(message, hint)


def size_value(trace: Trace, size: Size) -> Any:
    """A size as the user's function sees it: an integer, or a scalar that stays a size under + - *."""
    integer = size.as_int()
    return Traced(trace, size_tree(size), axis_size=size) if integer is None else integer
