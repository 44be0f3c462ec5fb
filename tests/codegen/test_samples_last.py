"""Programs over samples with arrays of three axes: the same values as the plain program, with the samples last."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hesse as hs

DIFFERENCES = "R = X[:,None,:] - C; "
MIXTURE = (
    "Z = einsum('kij,nkj->nki', L, X[:,None,:] - mu); s = a + sum(log(einsum('kii->ki', L)), axis=1)"
    " - sum(Z**2, axis=2)/2; sum(logsumexp(s, axis=1)) - N*logsumexp(a)"
)
MIXTURE_OF_PRODUCTS = MIXTURE.replace(
    "einsum('kij,nkj->nki', L, X[:,None,:] - mu)", "einsum('kij,nj->nki', L, X) - einsum('kij,kj->ki', L, mu)"
)
DATA, MIXED = "X:N,d C:K,d", "X:N,d mu:K,d L:K,d,d a:K"
CASES = [
    (MIXTURE, MIXED, ("a", "mu", "L")),
    (MIXTURE_OF_PRODUCTS, MIXED, ("a", "mu", "L")),
    (DIFFERENCES + "sum(exp(-sum(R**2, axis=2)) @ w)", f"{DATA} w:K", ("C", "w")),
    (DIFFERENCES + "sum(y*logsumexp(-sum(sqrt(1 + R**2), axis=2), axis=1))", f"{DATA} y:N", ("C",)),
    (DIFFERENCES + "sum(softmax(norm(R, axis=2), axis=1)[:,0:1]*cos(R[:,0,:]))", DATA, ()),
    (DIFFERENCES + "sum(max(R**2, axis=1)*prod(R, axis=1)) + norm1(var(R, axis=2))", DATA, ()),
    (DIFFERENCES + "mean(where(R > 0, X[:,None,:]*C, 0)) + sum(R*v)", f"{DATA} v:d", ("v",)),
    (DIFFERENCES + "sum(softmax(R, axis=2)*log_softmax(R, axis=2))", DATA, ("C",)),
    ("sum(tanh(X[:,:,None] - C[:,None,:])**2)", "X:d,N C:d,K", ("C",)),
    ("sum(tanh(einsum('nij,jk->nik', T, A)) * u)", "T:N,d,e A:e,K u:K", ("A", "u")),
    ("sum(tanh(einsum('inj,jk->nik', T, A)), axis=0) @ u", "T:d,N,e A:e,K u:K", ()),
    ("X.T @ einsum('nk,kj,nj->nj', X @ C.T, C, X)", DATA, ()),
    ("einsum('nk,nj,nkj->kj', exp(X @ C.T), X, X[:,None,:] - C)", DATA, ()),
]
SIZES = [
    {"N": 4001, "d": 7, "K": 11, "e": 5},
    {"N": 60_001, "d": 1, "K": 3, "e": 2},
    {"N": 140_000, "d": 1, "K": 1, "e": 1},
]


def _values(f: hs.Expr, sizes: dict[str, int], seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    made = {name: rng.normal(size=[sizes.get(str(s), 4) for s in shape]) for name, shape in f.variables.items()}
    if "L" in made:
        diagonal = np.arange(sizes["d"])
        made["L"][:, diagonal, diagonal] = np.exp(made["L"][:, diagonal, diagonal])
    return made


@pytest.mark.parametrize(("text", "declarations", "wrt"), CASES, ids=[str(k) for k in range(len(CASES))])
def test_values_of_the_plain_program(text: str, declarations: str, wrt: tuple[str, ...]) -> None:
    f = hs.parse(text, declarations)
    joint = hs.compile({"value": f, **{f"by_{name}": hs.gradient(f, name) for name in wrt}})
    for seed, sizes in enumerate(SIZES):
        arguments = _values(f, sizes, seed)
        wanted = joint.run(*arguments.values())
        for name, value in joint(**arguments).items():
            scale = 1 + np.max(np.abs(wanted[name]))
            np.testing.assert_allclose(value, wanted[name], rtol=1e-9, atol=1e-11 * scale, err_msg=f"{name} {sizes}")


def _statements(text: str, declarations: str, **sizes: int) -> str:
    code = hs.parse(text, declarations).compile().source_for(**sizes)
    return "\n".join(line.strip() for line in code.split('"""')[-1].strip().splitlines())


@pytest.mark.parametrize("text", [MIXTURE, MIXTURE_OF_PRODUCTS])
def test_a_mixture_goes_through_its_samples_once(text: str) -> None:
    f = hs.parse(text, MIXED)
    joint = hs.compile({"value": f, **{f"by_{name}": hs.gradient(f, name) for name in ("a", "mu", "L")}})
    code = joint.source_for(N=1000, d=10, K=25)
    loop = code[code.index("for low in") : code.index("value =")]
    assert code.count("for low in") == 1 and loop.count("exp(") == 1 and "einsum" not in loop
    assert loop.count("L @ ") == loop.count("ascontiguousarray") == 1


def test_sums_of_any_size_are_taken_in_blocks() -> None:
    # Whatever the sum is, the array over samples is many times larger.
    text, declarations = "einsum('nki,nj->kij', tanh(X[:,None,:] - C), X)", DATA
    assert "for low in range(0, N," in _statements(text, declarations, N=5000, d=20, K=30)


def test_few_samples_are_not_worth_blocks() -> None:
    assert "for low" not in _statements(MIXTURE, MIXED, N=300, d=10, K=25)


def test_exponentials_of_a_joint_program_are_shared() -> None:
    f = hs.parse("sum(log_softmax(X @ W, axis=1)*Y)", "X:m,d W:d,k Y:m,k")
    joint = hs.compile({"value": f, "gradient": hs.gradient(f, "W")})
    text = joint.source_for(m=30_000, d=4, k=5)
    assert text.count("np.exp(") == 1
    arguments = _values(f, {"m": 30_000, "d": 4, "k": 5}, 3)
    arguments["X"] *= 400  # exponents far beyond the range of exp
    wanted = joint.run(*arguments.values())
    for name, value in joint(**arguments).items():
        assert np.all(np.isfinite(value))
        np.testing.assert_allclose(value, wanted[name], rtol=1e-11)


def test_infinite_scores_are_no_event() -> None:
    f = hs.parse("sum(logsumexp(s, axis=1)) + sum(softmax(s, axis=1) @ c)", "s:m,k c:k")
    scores = np.random.default_rng(5).normal(size=(20_000, 3))
    scores[5, 1] = -np.inf
    value = f.compile()(s=scores, c=[1.0, 2.0, 3.0])
    assert "finite_max" in f.compile().source_for(m=20_000, k=3)
    np.testing.assert_allclose(value, f.compile().run(scores, np.array([1.0, 2.0, 3.0])), rtol=1e-11)


def test_a_diagonal_is_taken_before_entries_are_changed() -> None:
    gradient = hs.gradient(hs.parse("sum(log(einsum('kii->ki', L)))", "L:k,n,n"), "L")
    lower = np.tril(np.random.default_rng(6).uniform(1, 2, size=(3, 4, 4)))
    with np.errstate(all="raise"):
        value = gradient.compile()(L=lower)
    expected = np.zeros((3, 4, 4))
    expected[:, np.arange(4), np.arange(4)] = 1 / np.diagonal(lower, axis1=1, axis2=2)
    np.testing.assert_allclose(value, expected)
