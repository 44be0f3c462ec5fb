"""What to write instead of what cannot be read."""

from __future__ import annotations

import re

from hesse.frontends.python.places import Place

AS_NUMBERS = "a value is known only when the expression is evaluated; while the function is read there is none"
ARRAYS = "a parameter is an array already: leave out np.asarray; of several arrays make one with `np.stack([a, b])`"
SIZES = (
    "use whole arrays in the place of range(n); `np.eye(n, like=x)`, `np.ones(n, like=x)` take symbolic sizes; "
    "or declare an integer"
)
JAX = "read functions that use JAX with `hs.from_jax`"
SCIPY = {
    "logsumexp": "`np.logaddexp.reduce(x)`, which is logsumexp(x)",
    "softmax": "`np.exp(x - np.logaddexp.reduce(x))`, which is softmax(x)",
    "log_softmax": "`x - np.logaddexp.reduce(x)`, which is log_softmax(x)",
    "polygamma": "it in the text notation, which has polygamma(k, x)",
    "norm": "`np.linalg.norm(x)`",
    "det": "`np.linalg.det(A)`",
    "inv": "`np.linalg.inv(A)`",
    "solve": "`np.linalg.solve(A, b)`",
}
_MATH = {"fabs": "abs", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "fsum": "sum", "pow": "power"}


def branch(place: Place | None) -> str:
    """The hint for a value that is asked whether it is true."""
    text = place.text if place else ""
    if re.search(r"\b(max|min|sorted)\(", text):
        return "write `np.maximum(a, b)` or `np.max(x)` in the place of Python's max, likewise for min"
    if place and re.search(r"\b(and|or|not)\b", place.source):
        return "write `(a > 0) & (b > 0)`, `|` and `~`, inside of `np.where(condition, a, b)`"
    return "write `np.where(condition, a, b)`, `np.maximum(a, b)`, or a function of its own for each branch"


def conversion(place: Place | None) -> str:
    """The hint for a value that must become a number."""
    called = re.search(r"\bmath\.(\w+)\(", place.text if place else "")
    if called:
        return f"write `np.{_MATH.get(called[1], called[1])}(...)` in the place of `math.{called[1]}(...)`"
    return f"{AS_NUMBERS}: write `np.exp` and not `math.exp`, `np.stack([a, b])` and not an array to be filled"
