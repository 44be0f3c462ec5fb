"""The same function from text and from Python is the same expression."""

from __future__ import annotations

import pytest

import hesse as hs
from tests.frontends.python.same_functions import SAME


@pytest.mark.parametrize("name", SAME)
def test_text_and_python_agree(name: str) -> None:
    function, declarations, text = SAME[name]
    from_python, from_text = hs.from_function(function, declarations), hs.parse(text, declarations)
    assert from_python == from_text
    # Equality is no formality: the expression with a factor in front is another one.
    assert from_python * 1.0009765625 != from_text


def test_there_are_enough() -> None:
    assert len(SAME) >= 40
