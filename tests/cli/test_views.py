"""The three views of a result, Kronecker products, and the differential, on the command line."""

from __future__ import annotations

import pytest

from tests.cli.support import Command

LEAST_SQUARES = ("derive", "norm(A @ x - b)**2", "A:m,n x:n b:m", "--wrt", "x")


def test_index_notation_alone(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES, "--view", "index").lines
    assert "  ∂f/∂xₖ = 2 ∑ᵢ Aᵢₖ (∑ⱼ Aᵢⱼ xⱼ − bᵢ)" in lines
    assert "  ∂²f/∂xₖ ∂xₗ = 2 ∑ᵢ Aᵢₖ Aᵢₗ" in lines
    assert not any("H_f" in line for line in lines)


def test_all_views(hesse: Command) -> None:
    lines = hesse("jacobian", "softmax(x)", "x:n", "--view", "all").lines
    assert lines[0] == "diag(p) − p pᵀ"
    assert "∂gᵢ/∂xₖ = δᵢₖ softmax(x)ᵢ − softmax(x)ᵢ softmax(x)ₖ" in lines
    assert any(line.startswith("∂g₁/∂x₂ = ") for line in lines)


def test_components_alone_at_small_sizes(hesse: Command) -> None:
    lines = hesse(*LEAST_SQUARES, "--view", "components", "--format", "text").lines
    assert any(line.startswith("  df/dx[1]: ") for line in lines)
    assert not any(line.startswith("  gradient: ") for line in lines)


def test_the_entry_is_named(hesse: Command) -> None:
    assert hesse("gradient", "sum(x**2)", "x:n", "--view", "index", "--format", "text").lines[0] == "df/dx[k]: 2*x[k]"


def test_kronecker_products(hesse: Command) -> None:
    lines = hesse("derive", "A @ X @ B", "A:m,n X:n,k B:k,p", "--wrt", "X").lines
    assert "  ∂vec(F)/∂vec(X)ᵀ = Bᵀ ⊗ A" in lines and "  vec stacks columns" in lines


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("unicode", "dF = −X⁻¹ dX X⁻¹"),
        ("text", "dF: -inv(X) @ dX @ inv(X)"),
        ("latex", r"\mathrm{d}F & = -X^{-1} \, \mathrm{d}X \, X^{-1} \\"),
    ],
)
def test_the_differential(hesse: Command, written: str, line: str) -> None:
    assert line in hesse("derive", "inv(X)", "X:n,n", "--differential", "--format", written).lines


def test_json_has_the_views(hesse: Command) -> None:
    record = hesse("derive", "inv(X)", "X:n,n", "--differential", "--json").record
    (jacobian,) = record["derivatives"]
    assert jacobian["index"]["text"] == "dF[i, j]/dX[k, l] = -inv(X)[i, k]*inv(X)[l, j]"
    assert jacobian["kronecker"]["text"] == "dvec(F)/dvec(X) = -kron(inv(X).T, inv(X))"
    assert record["differential"]["text"] == "dF = -inv(X) @ dX @ inv(X)"


def test_there_is_no_such_view(hesse: Command) -> None:
    outcome = hesse(*LEAST_SQUARES, "--view", "matrix")
    assert outcome.status == 2 and "the views are: closed, index, components, all" in outcome.err


def test_variables_with_attributes_are_varied_freely(hesse: Command) -> None:
    lines = hesse("gradient", "sum(p**2)", "p:n:simplex").lines
    assert any("varied freely" in line for line in lines)
