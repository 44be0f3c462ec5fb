"""From a loss to its gradient and Hessian: hesse beside JAX and SymPy, in a process that has done it before."""

from __future__ import annotations

import importlib
import importlib.util
from itertools import count
from typing import Any

import numpy as np

import hesse as hs
from benchmarks.timing import Job, medians, print_ratios

TEXT = "mean(log(1 + exp(-y*(X @ w)))) + lam/2*norm(w)**2"
DECLARATIONS = "X:m,n y:m:pm1 w:n lam:"
SAMPLES, WEIGHTS = 200, 20
FIXED = ((5, 3), (20, 6))
OURS = "hesse: text to verified gradient and Hessian, as text"


def data() -> dict[str, Any]:
    """Values of the variables."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(SAMPLES, WEIGHTS))
    return {"X": X, "y": np.where(X[:, 0] > 0.1, 1.0, -1.0), "w": rng.normal(size=WEIGHTS), "lam": 0.1}


def derive() -> tuple[hs.Expr, hs.Expr]:
    """The gradient and the Hessian, verified and written."""
    loss = hs.parse(TEXT, DECLARATIONS)
    results = hs.gradient(loss, "w"), hs.hessian(loss, "w")
    if not all(result.verification.ok and str(result) for result in results):
        raise AssertionError("a result is not verified")
    return results


def derive_and_run(values: dict[str, Any]) -> list[Any]:
    """The values of the gradient and the Hessian, from text."""
    return [result.compile()(**values) for result in derive()]


def with_jax(values: dict[str, Any]) -> Job:
    """JAX: trace, compile and run `jax.grad` and `jax.hessian`, without what it remembers of earlier rounds."""
    jax = importlib.import_module("jax")
    jnp = importlib.import_module("jax.numpy")
    jax.config.update("jax_enable_x64", True)

    def loss(w: Any, X: Any, y: Any, lam: Any) -> Any:
        return jnp.mean(jnp.log(1 + jnp.exp(-y * (X @ w)))) + lam / 2 * jnp.sum(w**2)

    def run() -> list[Any]:
        jax.clear_caches()
        order = [values[name] for name in ("w", "X", "y", "lam")]
        return [jax.jit(transform(loss))(*order).block_until_ready() for transform in (jax.grad, jax.hessian)]

    return run


def with_sympy(rows: int, columns: int) -> Job:
    """SymPy: entries of the gradient and the Hessian, for fixed sizes."""
    sympy = importlib.import_module("sympy")

    turn = count()

    def run() -> Any:
        # New names in every round, so that nothing is remembered from the last one.
        stem = f"r{next(turn)}_"
        X = sympy.Matrix(rows, columns, lambda i, j: sympy.Symbol(f"{stem}X{i}_{j}"))
        y, w = sympy.symbols(f"{stem}y:{rows}"), sympy.symbols(f"{stem}w:{columns}")
        scores = X * sympy.Matrix(w)
        terms = [sympy.log(1 + sympy.exp(-label * score)) for label, score in zip(y, scores, strict=True)]
        loss = sympy.Add(*terms) / rows + sympy.Symbol("lam") / 2 * sympy.Add(*(weight**2 for weight in w))
        slopes = [loss.diff(weight) for weight in w]
        return slopes, [[slope.diff(weight) for weight in w] for slope in slopes]

    return run


def main() -> None:
    """Print the table."""
    values = data()
    jobs: dict[str, Job] = {OURS: derive, "hesse: the same, and values by NumPy": lambda: derive_and_run(values)}
    if importlib.util.find_spec("jax"):
        jobs["JAX: trace, compile and run grad and hessian"] = with_jax(values)
    else:
        print("JAX is not installed, and is left out: pip install 'hesse[jax]'")
    if importlib.util.find_spec("sympy"):
        for rows, columns in FIXED:
            jobs[f"SymPy: entries of both at m = {rows}, n = {columns}, not verified"] = with_sympy(rows, columns)
    else:
        print("SymPy is not installed, and is left out: pip install 'hesse[sympy]'")
    title = f"Logistic loss, symbolic m and n; values at m = {SAMPLES}, n = {WEIGHTS}"
    print_ratios(title, medians(jobs, rounds=7), OURS)
    print("\nSymPy's matrix expressions cannot derive this loss; entry by entry its work grows with m and n.")
