"""Hostile texts: read, or refused with a stated limit, and always at once."""

from __future__ import annotations

import time

import pytest

from hesse.core.declarations import Declarations
from hesse.core.syntax import Binary, Negative, Syntax, postorder
from hesse.errors import LimitError, ParseError
from hesse.frontends.text import parse_declarations, parse_text

NOTHING = Declarations()
SECONDS = 60.0  # a guard against hanging, not a measurement

READ = {
    "sum of 10,000 terms": "+".join(["x"] * 10_000),
    "1,000 brackets": "(" * 1_000 + "x" + ")" * 1_000,
    "1,000 calls": "sin(" * 1_000 + "x" + ")" * 1_000,
    "1,000 stacks": "[" * 1_000 + "x" + "]" * 1_000,
    "1,000 indices": "x[" * 1_000 + "0" + "]" * 1_000,
    "900 norms": "‖" * 900 + "x" + "‖" * 900,
    "900 products without a sign": "2(" * 900 + "x" + ")" * 900,
    "15,000 signs": "-" * 15_000 + "x",
    "6,000 powers": "x**" * 6_000 + "x",
    "6,000 factors": "(a)" * 6_000,
    "4,000 definitions": "; ".join(f"r{k}=x" for k in range(4_000)) + "; x",
    "4,000 transposes": "+".join(["A^T"] * 4_000),
    "9,000 unknown names": "+".join(f"x{k}" for k in range(9_000)),
    "long unknown names": "a+b+" + "+".join("ab" * 45 + f"c{k}" for k in range(800)),
    "1,000 digits": "1" * 1_000,
    "exponent 1,000": "1e1000 + 1e-1000",
}


@pytest.mark.parametrize("text", READ.values(), ids=READ.keys())
def test_large_texts_are_read_at_once(text: str) -> None:
    start = time.perf_counter()
    tree, _ = parse_text(text, NOTHING)
    assert time.perf_counter() - start < SECONDS
    assert postorder(tree)


def _depth(tree: Syntax) -> int:
    depth = 0
    while isinstance(tree, Negative | Binary):
        tree = tree.operand if isinstance(tree, Negative) else tree.right
        depth += 1
    return depth


def test_deep_trees_are_as_deep_as_the_text() -> None:
    assert _depth(parse_text("-" * 15_000 + "x", NOTHING)[0]) == 15_000
    assert _depth(parse_text("x**" * 6_000 + "x", NOTHING)[0]) == 6_000


REFUSED = {
    "characters": ("x+" * 500_000 + "x", "the limit is 100000"),
    "words": ("+".join(["x"] * 10_001), "20000 words and signs"),
    "brackets": ("(" * 5_000 + "x" + ")" * 5_000, "1000 brackets"),
    "1,001 brackets": ("(" * 1_001 + "x" + ")" * 1_001, "1000 brackets"),
    "norms": ("‖" * 1_001 + "x" + "‖" * 1_001, "1000 brackets"),
    "open brackets": ("[" * 5_000, "1000 brackets"),
    "exponent": ("1e999999999", "an exponent beyond 1000"),
    "negative exponent": ("1e-1001", "an exponent beyond 1000"),
    "exponent of many digits": ("1e" + "9" * 90_000, "an exponent beyond 1000"),
    "digits": ("1" * 1_001, "1000 digits"),
    "superscript": ("x" + "²" * 1_001, "1000 digits"),
    "name": ("x" * 101, "the limit is 100"),
    "order": ("diff(u, 101)(x)", "above 100"),
    "order of many digits": ("diff(u, " + "9" * 999 + ")(x)", "above 100"),
    "line ends": ("\n" * 50_000, "20000 words and signs"),
    "primes": ("x" + "'" * 50_000, "20000 words and signs"),
}


@pytest.mark.parametrize(("text", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_texts_beyond_a_limit_are_refused_at_once(text: str, part: str) -> None:
    declarations = parse_declarations("u:n->")
    start = time.perf_counter()
    with pytest.raises(LimitError) as caught:
        parse_text(text, declarations)
    assert part in str(caught.value)
    assert time.perf_counter() - start < SECONDS


def test_a_limit_leaves_room_up_to_itself() -> None:
    parse_text("x" * 100, NOTHING)
    parse_text("x" + "²" * 1_000, NOTHING)
    parse_text("diff(u, 100)(x)", parse_declarations("u:n->"))
    parse_text(" " * 99_999 + "x", NOTHING)


@pytest.mark.parametrize("text", ["\0" * 1_000, "." * 50_000, " " * 99_999, "x" + "\ud800" * 1_000, "⁻" * 999])
def test_rubbish_is_an_error_with_a_short_message(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_text(text, NOTHING)
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x:" + "(" * 4_000 + "n" + ")" * 4_000, ""),
        ("x:" + "n+" * 4_900 + "n", ""),
        ("x:" + "--" * 4_000 + "n", ""),
        ("x:" + "(" * 900 + "n" + "//2+1)" * 900, "8 floor divisions"),
        ("x:" + "*".join(["(a+b)"] * 1_000), "a degree above 6"),
        ("x:(a+b+c+d)**6", "more than 20 terms"),
        ("x:n**999999999", "a degree above 6"),
        ("x:99999*99999", "a number above 1000000000"),
        ("x:99999999999999999999", "above 1000000000"),
        ("A:" + ",".join(["n"] * 33), "the limit is 32"),
        ("x:n " * 5_000, "the limit is 10000"),
        ("x" * 200 + ":n", "the limit is 100"),
    ],
)
def test_hostile_declarations(text: str, part: str) -> None:
    start = time.perf_counter()
    if part:
        with pytest.raises(LimitError, match=part):
            parse_declarations(text)
    else:
        assert parse_declarations(text).entries
    assert time.perf_counter() - start < SECONDS
