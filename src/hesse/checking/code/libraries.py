"""The array libraries whose functions are checked: their arrays made and read, and their own derivatives.

None of the three is imported before a value of it, or a function that needs it, is met.
"""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from hesse.checking.code.failures import GradientShapeError
from hesse.errors import ArgumentError, MissingExtraError

DOUBLE = np.dtype(np.float64)
_OTHER_SHAPE = re.compile(
    r"Function (\w+) returned an invalid gradient at index (\d+) - got \[([\d, ]*)\] but expected shape compatible "
    r"with \[([\d, ]*)\]"
)
"""How PyTorch refuses what a backward pass returns. It does not say so in another way."""


class Library(Protocol):
    """What is needed of an array library."""

    name: str

    def native(self, value: Any, like: Any, *, double: bool) -> Any:
        """The library's array of NumPy's `value`, of the type and on the device of `like`; `double`: of 64 bits."""
        ...

    def widened(self, value: Any) -> Any:
        """A constant argument, or the function, with its floats, if any, as 64 bits."""
        ...

    def double(self) -> AbstractContextManager[Any]:
        """Within it the library calculates with 64 bits where it is asked to."""
        ...

    def derivative(self, function: Callable[..., Any], arguments: Sequence[Any], wrt: Sequence[int]) -> list[Any]:
        """The library's own derivatives of what the function returns by the arguments at the positions `wrt`."""
        ...


class Numpy:
    """NumPy, and whatever works on its arrays."""

    name = "NumPy"

    def native(self, value: Any, like: Any, *, double: bool) -> Any:
        """A new array, or a number for rank 0."""
        kind = DOUBLE if double else like.dtype
        return np.array(value, dtype=kind)[()]

    def widened(self, value: Any) -> Any:
        """The same array with 64 bits."""
        return value.astype(DOUBLE) if getattr(getattr(value, "dtype", None), "kind", "") == "f" else value

    def double(self) -> AbstractContextManager[Any]:
        """NumPy's types are their own context."""
        return nullcontext()

    def derivative(self, function: Callable[..., Any], arguments: Sequence[Any], wrt: Sequence[int]) -> list[Any]:
        """NumPy has no derivatives. Raises ArgumentError."""
        raise ArgumentError(
            "there is no derivative to check: `jac` is missing",
            hint="give the gradient as `jac`; only PyTorch and JAX functions have a backward pass of their own",
        )


class Jax:
    """JAX."""

    name = "JAX"

    def native(self, value: Any, like: Any, *, double: bool) -> Any:
        """A new array on the default device."""
        # Without a type, 64 bits where JAX is switched to them.
        return import_module("jax.numpy").asarray(value, dtype=None if double else like.dtype)

    def widened(self, value: Any) -> Any:
        """The same array with 64 bits."""
        jnp = import_module("jax.numpy")
        floating = hasattr(value, "dtype") and jnp.issubdtype(value.dtype, jnp.floating)
        return jnp.asarray(np.asarray(value, dtype=DOUBLE)) if floating else value

    def double(self) -> AbstractContextManager[Any]:
        """JAX's own switch."""
        context: AbstractContextManager[Any] = import_module("jax").enable_x64(True)
        return context

    def derivative(self, function: Callable[..., Any], arguments: Sequence[Any], wrt: Sequence[int]) -> list[Any]:
        """By reverse mode, which is where a `custom_vjp` counts."""
        return list(import_module("jax").jacrev(function, argnums=tuple(wrt))(*arguments))


class Torch:
    """PyTorch."""

    name = "PyTorch"

    def native(self, value: Any, like: Any, *, double: bool) -> Any:
        """A new tensor without a history."""
        torch = import_module("torch")
        kind = torch.float64 if double else getattr(like, "dtype", torch.float64)
        device = getattr(like, "device", None)
        return torch.tensor(value, dtype=kind, device=device if isinstance(device, torch.device) else None)

    def widened(self, value: Any) -> Any:
        """The same tensor with 64 bits; of a module, a copy whose parameters have 64 bits."""
        torch = import_module("torch")
        if isinstance(value, torch.nn.Module):
            return copy.deepcopy(value).double()
        return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value

    def double(self) -> AbstractContextManager[Any]:
        """PyTorch's types are their own context."""
        return nullcontext()

    def derivative(self, function: Callable[..., Any], arguments: Sequence[Any], wrt: Sequence[int]) -> list[Any]:
        """By backward passes, one for each output. An argument without a path to the output has the derivative 0.

        Raises GradientShapeError where a pass returns another shape than that of the argument.
        """
        torch = import_module("torch")
        taken = [
            argument.detach().clone().requires_grad_() if k in wrt else argument for k, argument in enumerate(arguments)
        ]
        result = function(*taken)
        if not isinstance(result, torch.Tensor):
            raise ArgumentError(f"fun returns a value of type {type(result).__name__}, not a tensor")
        inputs = [taken[k] for k in wrt]
        rows: list[list[Any]] = [[] for _ in inputs]
        for output in result.reshape(-1):
            found: Sequence[Any] = [None] * len(inputs)
            if output.requires_grad:
                found = _backward(output, inputs)
            for row, gradient, argument in zip(rows, found, inputs, strict=True):
                # A copy: a backward pass may write all its results into the same tensor.
                row.append(torch.zeros_like(argument) if gradient is None else gradient.clone())
        shapes = [(*result.shape, *argument.shape) for argument in inputs]
        return [torch.stack(row).reshape(shape) for row, shape in zip(rows, shapes, strict=True)]


def _backward(output: Any, inputs: list[Any]) -> Sequence[Any]:
    """The gradients of one number. Raises GradientShapeError."""
    try:
        found: Sequence[Any] = import_module("torch").autograd.grad(
            output, inputs, retain_graph=True, allow_unused=True
        )
    except RuntimeError as error:
        refused = _OTHER_SHAPE.search(str(error))
        if refused is None:
            raise
        owner, index, returned, expected = refused.groups()
        shapes = [tuple(int(size) for size in part.split(",") if size.strip()) for part in (returned, expected)]
        raise GradientShapeError(owner, int(index), *shapes) from error
    return found


NUMPY, JAX, TORCH = Numpy(), Jax(), Torch()
_BY_MODULE: dict[str, Library] = {"jax": JAX, "jaxlib": JAX, "torch": TORCH}
LIBRARIES: dict[str, Library] = {"numpy": NUMPY, "jax": JAX, "torch": TORCH}


def library_of(value: Any) -> Library | None:
    """The library that a value, or the class of a function, belongs to; None for numbers and plain functions."""
    owner = getattr(value, "__self__", None)  # a bound method, such as the `apply` of a function of PyTorch
    kinds = owner.__mro__ if isinstance(owner, type) else type(value).__mro__
    for each in kinds:
        root = each.__module__.partition(".")[0]
        if root in _BY_MODULE:
            return _BY_MODULE[root]
    return NUMPY if isinstance(value, (np.ndarray, np.generic)) else None


def named_library(name: str) -> Library:
    """The library of this name. Raises ArgumentError, and MissingExtraError where it is not installed."""
    if name not in LIBRARIES:
        raise ArgumentError(f"there is no library {name!r}", hint=f"the libraries are: {', '.join(LIBRARIES)}")
    if find_spec(name) is None:
        title = LIBRARIES[name].name
        raise MissingExtraError(
            f"{title} is not installed", hint=f'install it with the extra: `pip install "hesse[{name}]"`'
        )
    return LIBRARIES[name]


def loaded_torch() -> ModuleType | None:
    """PyTorch, if something has imported it."""
    return sys.modules.get("torch")


def as_array(value: Any, what: str) -> Any:
    """The numbers of a value as a new NumPy array, of its own type where NumPy has it. Raises ArgumentError.

    It is a copy, since a function may write all its results into the same array.
    """
    if value is None:
        raise ArgumentError(f"{what} returns None", hint="is a `return` missing?")
    dense = getattr(value, "toarray", None) or getattr(value, "todense", None)
    if dense is not None and not isinstance(value, np.ndarray):
        value = dense()
    if library_of(value) is TORCH and hasattr(value, "detach"):
        value = _of_tensor(value)
    elif isinstance(value, (list, tuple)):
        value = _of_list(value, what)
    try:
        array = np.array(value)
        if array.dtype.kind == "V" or array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (ValueError, TypeError):
        raise ArgumentError(f"{what} returns a value of type {type(value).__name__}, which is no array") from None
    if array.dtype.kind == "c":
        if np.any(array.imag != 0):
            raise ArgumentError(f"{what} returns complex numbers", hint="only real functions are checked")
        array = array.real
    if array.dtype.kind not in "biuf":
        raise ArgumentError(f"{what} returns an array of {array.dtype}, not of numbers")
    return array


def _of_tensor(value: Any) -> Any:
    plain = value.detach().cpu()
    if plain.layout is not import_module("torch").strided:
        plain = plain.to_dense()
    narrow = plain.is_floating_point() and plain.dtype.itemsize == 2 and str(plain.dtype) != "torch.float16"
    return (plain.float() if narrow else plain).numpy()


def _of_list(value: Sequence[Any], what: str) -> Any:
    arrays = [as_array(each, what) for each in value]
    shapes = list(dict.fromkeys(array.shape for array in arrays))
    if len(shapes) > 1:
        listed = ", ".join(map(str, shapes))
        raise ArgumentError(f"{what} returns a list of arrays of different shapes: {listed}")
    return np.stack(arrays) if arrays else np.zeros(0)


def leaves(value: Any) -> Iterator[Any]:
    """The values in nested lists and tuples."""
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, (list, tuple)):
            left.extend(reversed(each))
        else:
            yield each
