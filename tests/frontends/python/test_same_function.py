"""The same function from text, from LaTeX and from Python is the same expression."""

from __future__ import annotations

import pytest

import hesse as hs
from tests.frontends.python.same_functions import SAME

LATEX = {
    "least squares": r"\|Ax-b\|_2^2",
    "softplus": r"\log(1+e^x)",
    "softmax": r"\frac{e^{z}}{\sum_i e^{z_i}}",
    "two variables": r"x_1^2 + e^{x_1 x_2} + 2\log x_2",
    "logistic": r"\frac{1}{m}\sum_{i=1}^m \log\left(1+e^{-y_i X_i^\top w}\right)",
    "quadratic form": r"x^\top A x",
    "Mahalanobis": r"(x-\mu)^\top S^{-1} (x-\mu)",
    "Rayleigh quotient": r"\frac{x^\top A x}{\|x\|^2}",
    "trace of a product": r"\operatorname{tr}(A B)",
    "kernel": r"\exp\left(-\frac{\|x-y\|^2}{2 s^2}\right)",
    "entropy": r"-\sum_{i=1}^n p_i \log p_i",
    "Kalman prediction": r"F P F^\top + Q",
    "Rosenbrock by slices": r"\sum_{i=1}^{n-1} \left(100 (x_{i+1}-x_i^2)^2 + (1-x_i)^2\right)",
    "smoothness": r"\sum_{i=1}^{n-2} (x_{i+2} - 2x_{i+1} + x_i)^2",
    "Frobenius": r"\|X - U V^\top\|_F^2",
}
"""Some of them as people write them."""


@pytest.mark.parametrize("name", SAME)
def test_text_and_python_agree(name: str) -> None:
    function, declarations, text = SAME[name]
    from_python, from_text = hs.from_function(function, declarations), hs.parse(text, declarations)
    assert from_python == from_text
    # Equality is no formality: the expression with a factor in front is another one.
    assert from_python * 1.0009765625 != from_text


@pytest.mark.parametrize("name", SAME)
def test_the_latex_of_the_text_agrees_with_python(name: str) -> None:
    function, declarations, text = SAME[name]
    latex = hs.parse(text, declarations).latex()
    assert hs.parse(latex, declarations, notation="latex") == hs.from_function(function, declarations)


@pytest.mark.parametrize("name", LATEX)
def test_handwritten_latex_agrees_with_python(name: str) -> None:
    function, declarations, _ = SAME[name]
    assert hs.parse(LATEX[name], declarations, notation="latex") == hs.from_function(function, declarations)


def test_there_are_enough() -> None:
    assert len(SAME) >= 40
