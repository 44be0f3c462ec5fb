"""The pages of the cases, as they read: `python -m tests.explain.golden` writes them anew, to be read again."""

from __future__ import annotations

from pathlib import Path

import hesse as hs
from tests.explain.cases import CASES

FILE = Path(__file__).parent / "golden" / "derivations.txt"
MARK = "=" * 8


def heading(kind: str, text: str, declarations: str, wrt: str | list[str] | None) -> str:
    """The line above the page of a case."""
    return f"{MARK} {kind} of {text}" + (f"   {declarations}" if declarations else "") + (f"   by {wrt}" if wrt else "")


def stored() -> dict[str, str]:
    """The pages by their headings."""
    found: dict[str, str] = {}
    name = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(MARK):
            name = line
            found[name] = ""
        else:
            found[name] += f"{line}\n"
    return {heading: page.rstrip("\n") for heading, page in found.items()}


def main() -> None:
    """Write the file."""
    pages = []
    for kind, text, declarations, wrt in CASES:
        derivation = getattr(hs, kind)(hs.parse(text, declarations), wrt).explain()
        pages.append(f"{heading(kind, text, declarations, wrt)}\n{derivation.unicode()}\n")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
