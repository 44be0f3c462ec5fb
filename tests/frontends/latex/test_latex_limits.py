"""Whatever is given, the answer is an expression or a HesseError: no crash, no endless work."""

from __future__ import annotations

import random

import pytest

import hesse as hs

LIMITS = {
    "characters": "x" * 10**6,
    "tokens": "x+" * 15_000 + "x",
    "brackets": "(" * 5000 + "x" + ")" * 5000,
    "braces": "{" * 5000 + "x" + "}" * 5000,
    "digits": "9" * 5000,
    "name": r"\mathrm{" + "a" * 5000 + "}",
    "names": "+".join(f"a_{{{k}}}" for k in range(100)),
    "exact number": "2^{2^{2^{2^{2^{2^{2}}}}}}",
}


@pytest.mark.parametrize("latex", LIMITS.values(), ids=LIMITS.keys())
def test_limits_are_named(latex: str) -> None:
    with pytest.raises(hs.LimitError, match="limit"):
        hs.parse(latex, "x:", notation="latex")


DEEP = {
    "brackets": "(" * 900 + "x" + ")" * 900,
    "left and right": r"\left(" * 900 + "x" + r"\right)" * 900,
    "fractions": r"\frac{" * 900 + "x" + "}{2}" * 900,
    "roots": r"\sqrt{" * 900 + "x" + "}" * 900,
    "roots without braces": r"\sqrt " * 3000 + "x",
    "functions": r"\sin " * 3000 + "x",
    "exponents": "x^{" * 300 + "2" + "}" * 300,
    "minus": "-(" * 800 + "x" + ")" * 800,
    "sum": "x+" * 5000 + "x",
    "product": "x" * 5000,
    "dots": r"x \cdot " * 3000 + "x",
    "quotients": "x/" * 3000 + "x",
    "primes": "x" + "'" * 1000,
    "sums": "".join(rf"\sum_{c}" for c in "ijkl") + "y_i y_j y_k y_l",
}


@pytest.mark.parametrize("latex", DEEP.values(), ids=DEEP.keys())
def test_deep_and_long(latex: str) -> None:
    assert hs.parse(latex, "x: y:n", notation="latex").shape == ()


BROKEN = [
    *(
        r"\frac",
        r"\frac{",
        r"\left",
        r"\begin",
        r"\begin{bmatrix}",
        r"\end{bmatrix}",
        r"\sum",
        r"\sum_",
        r"\sum_{",
        "^",
    ),
    *(
        "_",
        "x^",
        "x_",
        "x^{",
        "x_{",
        "}",
        "{",
        "{}",
        "()",
        "&",
        r"\\",
        "$",
        "\\",
        "😀",
        "\0",
        '"',
        "=",
        "x=",
        "=x",
        ",",
        ";",
    ),
    *(
        r"\mathbf",
        r"\mathbf{",
        r"\operatorname",
        r"\operatorname{}",
        r"\text{where}",
        r"x, \text{where}",
        r"\hat",
        r"\sqrt[",
    ),
    *(
        r"\sqrt[3]",
        r"\max_",
        r"\log_",
        r"\log^",
        r"\|",
        "|",
        "||",
        "|||",
        r"\langle x",
        r"\nabla",
        r"\nabla^",
        "x'_",
        "[x",
        "x_{:}",
    ),
    *(
        "x_{1:2:3:4}",
        "x_{,}",
        "x_{;}",
        r"\begin{cases}",
        r"\begin{cases} x",
        r"\begin{array}{c",
        r"\lfloor x",
        r"\right)",
    ),
]


@pytest.mark.parametrize("latex", BROKEN)
@pytest.mark.parametrize("declarations", ["x:", "x:n A:n,n", ""])
def test_broken_formulas(latex: str, declarations: str) -> None:
    try:
        hs.parse(latex, declarations, notation="latex")
    except hs.HesseError as error:
        assert error.message


PIECES = [
    *(
        r"\frac",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "^",
        "_",
        r"\top",
        "x",
        "A",
        "y",
        "1",
        "2",
        "i",
        r"\sum_i",
        r"\|",
        "|",
        "+",
    ),
    *(
        "-",
        r"\cdot",
        "/",
        r"\odot",
        r"\log",
        r"\exp",
        r"\mathbf{1}",
        "I",
        r"\sqrt",
        r"\left(",
        r"\right)",
        "=",
        ",",
        r"\max",
    ),
    *(
        r"\begin{bmatrix}",
        r"\end{bmatrix}",
        "&",
        r"\\",
        r"\operatorname{tr}",
        r"\text{where}",
        r"\sigma",
        "'",
        ":",
        r"\delta",
    ),
    *(
        r"\langle",
        r"\rangle",
        r"\prod_{i=1}^n",
        r"\nabla",
        "u",
        "J_",
        r"\hat",
        "<",
        r"\mathbb{1}",
        r"\begin{cases}",
        " ",
        "n",
    ),
]


@pytest.mark.parametrize("seed", range(40))
def test_random_pieces(seed: int) -> None:
    """Anything may come, as long as it is a HesseError."""
    chance = random.Random(seed)
    for _ in range(50):
        latex = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 14)))
        try:
            f = hs.parse(latex, chance.choice(["x:n y:n A:n,n u:n->", "x: y:", ""]), notation="latex")
        except hs.HesseError:
            continue
        assert f.readings is not None


def test_the_same_readings_every_time() -> None:
    latex = r"\sum_{i=1}^m (y_i - \sigma(x_i^\top w))^2 + \lambda\|w\|^2"
    first, second = (hs.parse(latex, notation="latex") for _ in range(2))
    assert (first.readings, first.declarations, str(first)) == (second.readings, second.declarations, str(second))
