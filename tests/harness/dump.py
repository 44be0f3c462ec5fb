"""Everything that is printed for some cases, as JSON: run in processes of its own to see that nothing else matters.

python -m tests.harness.dump SEED FIRST LAST [reversed]
"""

from __future__ import annotations

import json
import sys
from typing import Any

import hesse as hs
from hesse.errors import HesseError

from .cases import Case, seeded


def spelled(case: Case) -> list[Any]:
    """The spellings of the function and of its derivatives, or the error."""
    try:
        f = hs.parse(case.text, str(case.declarations))
        results = [f, *(hs.derivative(f, case.target, order=order) for order in (1, 2))]
    except HesseError as error:
        return [str(error)]
    return [
        [str(e), e.unicode(), e.latex(), e.source(), e.declarations, list(e.conditions), sorted(e.structure)]
        for e in results
    ]


def main(arguments: list[str]) -> None:
    """Print the spellings by case, in the order of the numbers whatever order they were worked in."""
    seed, first, last = map(int, arguments[:3])
    numbers = range(first, last)
    order = reversed(numbers) if "reversed" in arguments else numbers
    found = {number: spelled(seeded(seed, number)) for number in order}
    print(json.dumps([found[number] for number in numbers]))


if __name__ == "__main__":
    main(sys.argv[1:])
