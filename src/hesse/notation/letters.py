"""Names as mathematicians write them: Greek letters, trailing digits as subscripts."""

from __future__ import annotations

import re

_LOWER = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", zeta="ζ", eta="η", theta="θ", iota="ι", kappa="κ", mu="μ",
    nu="ν", xi="ξ", pi="π", rho="ρ", sigma="σ", tau="τ", upsilon="υ", phi="φ", chi="χ", psi="ψ", omega="ω", ell="ℓ",
)  # fmt: skip
_UPPER = dict(
    Gamma="Γ", Delta="Δ", Theta="Θ", Lambda="Λ", Xi="Ξ", Pi="Π", Sigma="Σ", Upsilon="Υ", Phi="Φ", Psi="Ψ", Omega="Ω",
)  # fmt: skip
GREEK: dict[str, str] = {**_LOWER, "lambda": "λ", **_UPPER, "lam": "λ", "eps": "ε"}
COMMANDS: dict[str, str] = {
    letter: {"epsilon": r"\varepsilon", "phi": r"\varphi"}.get(name, f"\\{name}")
    for name, letter in reversed(GREEK.items())
}
NUMBERED = re.compile(r"(.*?[^\d_])_?(\d+)")


def split(name: str) -> tuple[str, str]:
    """The stem and the subscript: x and 1 for `x1` and `x_1`, W and out for `W_out`; Greek stems become letters."""
    numbered = NUMBERED.fullmatch(name)
    stem, subscript = (numbered[1], numbered[2]) if numbered else (name, "")
    head, _, tail = stem.partition("_")
    if head and tail:
        stem, subscript = head, f"{tail}{subscript}"
    return GREEK.get(stem, stem), subscript
