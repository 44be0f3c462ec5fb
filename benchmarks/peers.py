"""The tasks as users of other systems write them: JAX with `jit`, PyTorch with `torch.func`, CasADi, on the same data.

Every function takes the values of its task and gives jobs by name; a system that is not installed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.timing import Job

Values = Mapping[str, Any]
Jobs = dict[str, Job]


def _jax() -> Any:
    """JAX in double precision; None where it is missing."""
    if find_spec("jax") is None:
        return None
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def _torch() -> Any:
    """PyTorch in double precision; None where it is missing."""
    if find_spec("torch") is None:
        return None
    import torch

    torch.set_default_dtype(torch.float64)
    return torch


def of_jax(make: Callable[[Any, Any], Callable[..., Any]], values: Values, *names: str) -> Jobs:
    """The job of a jitted function of these values, which stay with JAX."""
    jax = _jax()
    if jax is None:
        return {}
    function = jax.jit(make(jax, jax.numpy))
    arguments = [jax.numpy.asarray(values[name]) for name in names]
    return {"jax jit": lambda: jax.block_until_ready(function(*arguments))}


def _of_torch(make: Callable[[Any], Callable[..., Any]], values: Values, *names: str) -> Jobs:
    """The job of a function of these values as tensors."""
    torch = _torch()
    if torch is None:
        return {}
    function = make(torch)
    arguments = [torch.as_tensor(np.asarray(values[name])) for name in names]
    return {"torch.func": lambda: function(*arguments)}


def _all_of(function: Any, differentiate: Any, twice: Any) -> Callable[..., Any]:
    return lambda *arguments: (function(*arguments), differentiate(*arguments), twice(*arguments))


def lecture(values: Values) -> Jobs:
    """Value, gradient and Hessian at one point."""
    x = {"x": np.array([values["x1"], values["x2"]])}

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return x[0] ** 2 + jnp.exp(x[0] * x[1]) + 2 * jnp.log(x[1])

        return _all_of(f, jax.grad(f), jax.hessian(f))

    def by_torch(torch: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return x[0] ** 2 + torch.exp(x[0] * x[1]) + 2 * torch.log(x[1])

        return _all_of(f, torch.func.grad(f), torch.func.hessian(f))

    return {**of_jax(by_jax, x, "x"), **_of_torch(by_torch, x, "x"), **_casadi_lecture(x["x"])}


def _casadi_lecture(point: Any) -> Jobs:
    if find_spec("casadi") is None:
        return {}
    import casadi

    x = casadi.SX.sym("x", 2)
    f = x[0] ** 2 + casadi.exp(x[0] * x[1]) + 2 * casadi.log(x[1])
    hessian, gradient = casadi.hessian(f, x)
    function = casadi.Function("f", [x], [f, gradient, casadi.densify(hessian)])
    whole = {"casadi": lambda: [np.asarray(each) for each in function(point)]}
    return {**whole, **filling(function, point, [np.empty(1), np.empty(2), np.empty(4)])}


def filling(function: Any, point: Any, outputs: list[Any]) -> Jobs:
    """The job of a CasADi function that reads a point and writes to arrays, in its fastest way."""
    buffers, run = function.buffer()
    buffers.set_arg(0, memoryview(point))
    for place, output in enumerate(outputs):
        buffers.set_res(place, memoryview(output))

    def job() -> object:
        run()
        return outputs if buffers else None  # the buffers must live as long as the job

    return {"casadi, buffers": job}


def points(values: Values) -> Jobs:
    """Gradients and Hessians at many points."""
    x = {"x": np.stack([values["x1"], values["x2"]], axis=1)}

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return x[0] ** 2 + jnp.exp(x[0] * x[1]) + 2 * jnp.log(x[1])

        return jax.vmap(lambda x: (jax.grad(f)(x), jax.hessian(f)(x)))

    def by_torch(torch: Any) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            return x[0] ** 2 + torch.exp(x[0] * x[1]) + 2 * torch.log(x[1])

        return torch.vmap(lambda x: (torch.func.grad(f)(x), torch.func.hessian(f)(x)))

    return {**of_jax(by_jax, x, "x"), **_of_torch(by_torch, x, "x")}


def _jax_logistic(jax: Any, jnp: Any) -> Callable[..., Any]:
    return lambda w, X, y: jnp.sum(jax.nn.softplus(-y * (X @ w)))


def _torch_logistic(torch: Any) -> Callable[..., Any]:
    return lambda w, X, y: torch.nn.functional.softplus(-y * (X @ w)).sum()


def logistic_gradient(values: Values) -> Jobs:
    """The gradient of logistic regression."""
    names = ("w", "X", "y")
    return {
        **of_jax(lambda jax, jnp: jax.grad(_jax_logistic(jax, jnp)), values, *names),
        **_of_torch(lambda torch: torch.func.grad(_torch_logistic(torch)), values, *names),
    }


def logistic_hessian(values: Values) -> Jobs:
    """The Hessian of logistic regression; for PyTorch reverse over reverse, its faster way."""
    names = ("w", "X", "y")
    return {
        **of_jax(lambda jax, jnp: jax.hessian(_jax_logistic(jax, jnp)), values, *names),
        **_of_torch(
            lambda torch: torch.func.jacrev(torch.func.grad(_torch_logistic(torch)), chunk_size=None), values, *names
        ),
    }


def logistic_product(values: Values) -> Jobs:
    """The Hessian of logistic regression times a vector."""

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        gradient = jax.grad(_jax_logistic(jax, jnp))
        return lambda w, X, y, v: jax.jvp(lambda w: gradient(w, X, y), (w,), (v,))[1]

    def by_torch(torch: Any) -> Callable[..., Any]:
        gradient = torch.func.grad(_torch_logistic(torch))
        return lambda w, X, y, v: torch.func.jvp(lambda w: gradient(w, X, y), (w,), (v,))[1]

    return {**of_jax(by_jax, values, "w", "X", "y", "v"), **_of_torch(by_torch, values, "w", "X", "y", "v")}


def quadratic_hessian(values: Values) -> Jobs:
    """The Hessian of a quadratic form."""

    def by_torch(torch: Any) -> Callable[..., Any]:
        return torch.func.jacrev(torch.func.grad(lambda x, A: x @ A @ x))

    return {
        **of_jax(lambda jax, jnp: jax.hessian(lambda x, A: x @ A @ x), values, "x", "A"),
        **_of_torch(by_torch, values, "x", "A"),
    }


def factorisation_hessian(values: Values) -> Jobs:
    """The Hessian of a matrix factorisation by one factor."""

    def loss(U: Any, T: Any, V: Any) -> Any:
        return ((T - U @ V.T) ** 2).sum()

    return {
        **of_jax(lambda jax, jnp: jax.hessian(loss), values, "U", "T", "V"),
        **_of_torch(lambda torch: torch.func.hessian(loss), values, "U", "T", "V"),
    }


def factorisation_product(values: Values) -> Jobs:
    """The Hessian of a matrix factorisation times a matrix."""

    def loss(U: Any, T: Any, V: Any) -> Any:
        return ((T - U @ V.T) ** 2).sum()

    def pushed(library: Any) -> Callable[..., Any]:
        gradient = library.grad(loss)
        return lambda U, T, V, P: library.jvp(lambda U: gradient(U, T, V), (U,), (P,))[1]

    return {
        **of_jax(lambda jax, jnp: pushed(jax), values, "U", "T", "V", "P"),
        **_of_torch(lambda torch: pushed(torch.func), values, "U", "T", "V", "P"),
    }


def layer_jacobian(values: Values) -> Jobs:
    """The Jacobian of a layer."""
    names = ("x", "W", "b")
    return {
        **of_jax(lambda jax, jnp: jax.jacrev(lambda x, W, b: jnp.tanh(W @ x + b)), values, *names),
        **_of_torch(lambda torch: torch.func.jacrev(lambda x, W, b: torch.tanh(W @ x + b)), values, *names),
    }


def network_jacobians(values: Values) -> Jobs:
    """Jacobians of a network by its input, one for each sample."""
    names = ("x", "W1", "b1", "W2", "b2")

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        one = jax.jacrev(lambda x, W1, b1, W2, b2: W2 @ jnp.tanh(W1 @ x + b1) + b2)
        return jax.vmap(one, in_axes=(0, None, None, None, None))

    def by_torch(torch: Any) -> Callable[..., Any]:
        one = torch.func.jacrev(lambda x, W1, b1, W2, b2: W2 @ torch.tanh(W1 @ x + b1) + b2)
        return torch.vmap(one, in_dims=(0, None, None, None, None))

    return {**of_jax(by_jax, values, *names), **_of_torch(by_torch, values, *names)}


def softmax_hessian(values: Values) -> Jobs:
    """The Hessian of softmax cross-entropy by the scores."""
    return {
        **of_jax(lambda jax, jnp: jax.hessian(lambda x: jax.nn.logsumexp(x) - x[0]), values, "x"),
        **_of_torch(lambda torch: torch.func.hessian(lambda x: torch.logsumexp(x, 0) - x[0]), values, "x"),
    }


def multiclass_hessian(values: Values) -> Jobs:
    """The Hessian of multiclass logistic regression."""
    names = ("W", "X", "Y")

    def by_torch(torch: Any) -> Callable[..., Any]:
        return torch.func.hessian(lambda W, X, Y: -(Y * torch.log_softmax(X @ W, 1)).sum())

    return {
        **of_jax(
            lambda jax, jnp: jax.hessian(lambda W, X, Y: -jnp.sum(Y * jax.nn.log_softmax(X @ W, axis=1))),
            values,
            *names,
        ),
        **_of_torch(by_torch, values, *names),
    }


def _chain(x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_gradient(values: Values) -> Jobs:
    """The gradient of the chained Rosenbrock function."""
    return {
        **of_jax(lambda jax, jnp: jax.grad(_chain), values, "x"),
        **_of_torch(lambda torch: torch.func.grad(_chain), values, "x"),
    }


def rosenbrock_bands(values: Values) -> Jobs:
    """The bands of its Hessian: three products with colours chosen by hand, which separate them."""

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        def bands(x: Any) -> Any:
            places = jnp.arange(x.size)
            colours = [(places % 3 == k).astype(x.dtype) for k in range(3)]
            products = jnp.stack([jax.jvp(jax.grad(_chain), (x,), (colour,))[1] for colour in colours])
            return products[places % 3, places], products[places[1:] % 3, places[:-1]]

        return bands

    return of_jax(by_jax, values, "x")


def _mixture(library: Any, logsumexp: Callable[..., Any]) -> Callable[..., Any]:
    """The log-likelihood with one product for all factors, which is the fastest way for these systems."""

    def value(a: Any, mu: Any, L: Any, X: Any) -> Any:
        (K, d), N = mu.shape, X.shape[0]
        Z = (X @ L.reshape(K * d, d).T).reshape(N, K, d) - library.einsum("kij,kj->ki", L, mu)
        scores = a + library.log(library.einsum("kii->ki", L)).sum(1) - (Z * Z).sum(2) / 2
        return logsumexp(scores, 1).sum() - N * logsumexp(a, 0)

    return value


def mixture(values: Values) -> Jobs:
    """Value and gradients of the log-likelihood of a Gaussian mixture; for PyTorch by `backward`, its fastest way."""
    names = ("a", "mu", "L", "X")

    def by_jax(jax: Any, jnp: Any) -> Callable[..., Any]:
        return jax.value_and_grad(_mixture(jnp, jax.nn.logsumexp), argnums=(0, 1, 2))

    def by_torch(torch: Any) -> Callable[..., Any]:
        function = _mixture(torch, torch.logsumexp)

        def run(*arguments: Any) -> Any:
            parameters = [argument.detach().requires_grad_() for argument in arguments[:3]]
            value = function(*parameters, arguments[3])
            value.backward()
            return value.detach(), [parameter.grad for parameter in parameters]

        return run

    return {**of_jax(by_jax, values, *names), **_of_torch(by_torch, values, *names)}


PEERS: Mapping[str, Callable[[Values], Jobs]] = {
    "T1": lecture,
    "T2": points,
    "T3a": logistic_gradient,
    "T3b": logistic_hessian,
    "T3c": logistic_product,
    "T4b": quadratic_hessian,
    "T5a": factorisation_hessian,
    "T5b": factorisation_product,
    "T6a": layer_jacobian,
    "T6b": network_jacobians,
    "T7a": softmax_hessian,
    "T7b": multiclass_hessian,
    "T8a": rosenbrock_gradient,
    "T10a": mixture,
    "T10b": mixture,
}
