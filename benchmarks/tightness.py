"""How tight certified remainders are: `python -m benchmarks.tightness` prints the table of docs/closeness.md."""

from __future__ import annotations

from typing import Any

import hesse as hs
from tests.models.functions import MOVING, SMOOTH

RADII = ("0.5", "0.1", "0.01")


def main() -> None:
    """Print the ratios of bound and sampled difference for every function and radius."""
    print("| function | at | " + " | ".join(f"r = {radius}" for radius in RADII) + " |")
    print("|---|---|" + "---|" * len(RADII))
    for text, declarations, at in SMOOTH:
        model = hs.taylor(hs.parse(text, declarations), at=at, order=2, wrt=MOVING.get(declarations))
        cells = []
        for radius in RADII:
            found = model.remainder(radius)
            cells.append(_ratio(found) if found.certified else "not defined")
        place = ", ".join(str(value) for value in at.values()) if declarations not in MOVING else "see the source"
        print(f"| `{text}` | {place} | " + " | ".join(cells) + " |")


def _ratio(found: Any) -> str:
    # Below this the difference is nothing but the rounding of the model's coefficients.
    return "exact" if found.upper < 1e-13 else f"{found.tightness:.4f}"


if __name__ == "__main__":
    main()
