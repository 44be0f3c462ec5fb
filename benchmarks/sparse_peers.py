"""Peers of the tasks in which structure counts, as users of JAX and CasADi write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.peers import Jobs, Values, filling, of_jax, rosenbrock_bands


def _factorisation(U: Any, T: Any, V: Any) -> Any:
    return ((U @ V.T - T) ** 2).sum() / 2


def newton_by_hessian(values: Values) -> Jobs:
    """The Newton step with the dense Hessian."""

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def step(U: Any, T: Any, V: Any) -> Any:
            slope, curvature = jax.grad(_factorisation)(U, T, V), jax.hessian(_factorisation)(U, T, V)
            return -jnp.linalg.solve(curvature.reshape(U.size, U.size), slope.reshape(-1)).reshape(U.shape)

        return step

    return of_jax(by_jax, values, "U", "T", "V")


def newton_by_products(values: Values) -> Jobs:
    """The Newton step by conjugate gradients, with products of the Hessian: the dense one would take 12.8 GB."""

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def step(U: Any, T: Any, V: Any) -> Any:
            slope = jax.grad(_factorisation)

            def product(direction: Any) -> Any:
                return jax.jvp(lambda at: slope(at, T, V), (U,), (direction,))[1]

            return -jax.scipy.sparse.linalg.cg(product, slope(U, T, V), tol=1e-12)[0]

        return step

    return of_jax(by_jax, values, "U", "T", "V")


def factorisation_product(values: Values) -> Jobs:
    """The Hessian times a matrix."""

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def product(U: Any, T: Any, V: Any, P: Any) -> Any:
            return jax.jvp(lambda at: jax.grad(_factorisation)(at, T, V), (U,), (P,))[1]

        return product

    return of_jax(by_jax, values, "U", "T", "V", "P")


def chain(values: Values) -> Jobs:
    """The two different diagonals of the Hessian: by CasADi's sparse Hessian, by JAX with colours chosen by hand."""
    jobs = rosenbrock_bands(values)
    if find_spec("casadi") is None:
        return jobs
    import casadi

    point = np.ascontiguousarray(values["x"])
    x = casadi.MX.sym("x", point.size)
    head, tail = x[:-1], x[1:]
    hessian, _ = casadi.hessian(casadi.sumsqr(10 * (tail - head**2)) + casadi.sumsqr(1 - head), x)
    rows, columns = (np.array(each) for each in hessian.sparsity().get_triplet())
    places = [np.flatnonzero(rows == columns), np.flatnonzero(rows == columns + 1)]
    function = casadi.Function("f", [x], [hessian.nz[each.tolist()] for each in places])
    return {**jobs, **filling(function, point, [np.empty(each.size) for each in places])}


def brusselator(values: Values) -> Jobs:
    """The entries row by row: by CasADi's sparse Jacobian, by JAX with colours chosen by hand.

    A cell and its neighbours at a distance of 2 or less have different colours (i + 3 j) mod 8, for both substances.
    """
    Y, pattern = values["Y"], values["pattern"]
    a, b, c = (values[name] for name in "abc")
    count = Y.shape[1]
    i, j = np.meshgrid(np.arange(count), np.arange(count), indexing="ij")
    colours = np.concatenate([((i + 3 * j) % 8).reshape(-1), ((i + 3 * j) % 8 + 8).reshape(-1)])
    seeds = np.stack([(colours == colour).astype(float).reshape(Y.shape) for colour in range(16)])
    rows = np.repeat(np.arange(Y.size), np.diff(pattern.indptr))

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def reaction(Y: Any) -> Any:
            U, V = Y
            spread = sum(jnp.roll(Y, shift, axis) for shift in (1, -1) for axis in (1, 2)) - 4 * Y
            return jnp.stack([b + U**2 * V - (a + 1) * U, a * U - U**2 * V]) + c * spread

        def entries(Y: Any) -> Any:
            products = jax.vmap(lambda seed: jax.jvp(reaction, (Y,), (seed,))[1])(jnp.asarray(seeds))
            return products.reshape(16, -1)[colours[pattern.indices], rows]

        return entries

    jobs = of_jax(by_jax, values, "Y") if count % 8 == 0 else {}
    return {**jobs, **_casadi_brusselator(Y, a, b, c, pattern.nnz)}


def _casadi_brusselator(Y: Any, a: float, b: float, c: float, nonzeros: int) -> Jobs:
    if find_spec("casadi") is None:
        return {}
    import casadi

    count = Y.shape[1]
    state = casadi.SX.sym("Y", Y.size)
    U, V = state[: count * count], state[count * count :]
    cells = np.arange(count * count).reshape(count, count)
    around = [np.roll(cells, shift, axis).reshape(-1).tolist() for shift in (1, -1) for axis in (0, 1)]

    def spread(part: Any) -> Any:
        return sum((part[each] for each in around), -4 * part)

    change = casadi.vertcat(b + U**2 * V - (a + 1) * U + c * spread(U), a * U - U**2 * V + c * spread(V))
    # CasADi keeps entries column by column: those of the transpose stand row by row.
    jacobian = casadi.jacobian(change, state).T
    if jacobian.nnz() != nonzeros:
        raise AssertionError("another pattern")
    function = casadi.Function("f", [state], [jacobian.nz[:]])
    return filling(function, np.ascontiguousarray(Y).reshape(-1), [np.empty(nonzeros)])


SPARSE_PEERS: Mapping[str, Callable[[Values], Jobs]] = {
    "T5b keep": factorisation_product,
    "T5c": newton_by_products,
    "T5d": newton_by_hessian,
    "T8b": chain,
    "T9": brusselator,
}
