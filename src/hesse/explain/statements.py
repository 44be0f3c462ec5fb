"""Rules in general form, in each of the notations: written once, in mathematical Unicode or in text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType

from hesse.explain.spelling import Statement
from hesse.functions import FUNCTIONS

_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏᵖ", "0123456789+-kp", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚ", "0123456789ijklmnp", strict=True))
_LATEX = {
    "ᵀ": r"^\top", "∑": r"\sum", "∂": r"\partial ", "∇": r"\nabla ", "⊙": r" \odot ", "−": "-", "φ": r"\varphi ",
    "σ": r"\sigma ", "δ": r"\delta ", "′": "'", "≥": r"\geq ", "≤": r"\leq ", "≠": r"\neq ",
}  # fmt: skip
_TEXT = {"ᵀ": ".T", "∂": "d", "⊙": "*", "∇": "grad ", "−": "-", "φ": "phi", "σ": "sigmoid", "δ": "delta", "′": "'"}
_UNICODE = (
    (".T", "ᵀ"), (" * ", " "), (" @ ", " "), ("*", " "), (" - ", " − "), ("-", "−"), ("!=", "≠"), (">=", "≥"),
    ("<=", "≤"),
)  # fmt: skip
_WORDS = frozenset({"tr", "diag"})
_TOKEN = re.compile(
    rf"(?P<index>_\w)|(?P<power>\^\([^)]*\)|\^\w)|(?P<super>[{''.join(_SUPER)}]+)|(?P<sub>[{''.join(_SUB)}]+)"
    r"|(?P<differential>d[A-Za-np-z](?![A-Za-z]))|(?P<norm>‖[^‖]*‖)|(?P<word>[A-Za-z][a-z]*(?:'s)?(?:_[a-z]{2,})*)|(?P<other>.)"
)


@lru_cache(maxsize=1024)
def stated(text: str) -> Statement:
    """A statement that is written in Unicode."""
    return Statement(_in_text(text), text, _in_latex(text))


def filled(text: str, names: Mapping[str, Statement]) -> Statement:
    """A statement with places, each a character of its own, that names are put in."""
    statement = stated(text)
    spelled: dict[str, str] = {}
    for notation in ("text", "unicode", "latex"):
        whole = getattr(statement, notation)
        for place, name in names.items():
            whole = whole.replace(place, getattr(name, notation))
        spelled[notation] = whole
    return Statement(**spelled)


@lru_cache(maxsize=1024)
def stated_in_text(text: str) -> Statement:
    """A statement that is written as hesse reads formulas, with words between them."""
    plain = text.replace("`", "")
    shown = re.sub(r"\*\*(\d)", lambda found: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(found[1])], plain)
    shown = (
        re.sub(r"\*\*(\(\w/\w\))", r"^\1", shown).replace("**-k", "⁻ᵏ").replace("**k", "ᵏ").replace("sigmoid(", "σ(")
    )
    for old, new in _UNICODE:
        shown = shown.replace(old, new)
    return Statement(plain, shown, _in_latex(shown))


def _in_text(text: str) -> str:
    """In ASCII: ∑ᵢ uᵢ is sum(u), by the letters that are left."""
    plain = re.sub(r"∑([ᵢⱼₖ]) ", lambda found: f"sum_{_SUB[found[1]]} ", text).replace("^", "**")
    plain = re.sub(rf"[{''.join(_SUPER)}]+", lambda found: _raised("".join(_SUPER[c] for c in found[0])), plain)
    plain = re.sub(rf"([A-Za-zδ)])([{''.join(_SUB)}]+)", lambda f: f"{f[1]}[{', '.join(_SUB[c] for c in f[2])}]", plain)
    plain = re.sub(r"‖([^‖]*)‖", r"norm(\1)", plain)
    for sign, spelled in _TEXT.items():
        plain = plain.replace(sign, spelled)
    return plain


def _raised(exponent: str) -> str:
    return f"**{exponent}" if exponent.isalnum() else f"**({exponent})"


def _in_latex(text: str) -> str:
    """In LaTeX, words as text."""
    pieces: list[str] = []
    for is_word, group in groupby(_pieces(text), key=lambda piece: piece[1]):
        whole = "".join(piece for piece, _ in group)
        pieces.append(rf"\text{{{whole}}}" if is_word and whole.strip() else whole)
    return re.sub(" +", " ", "".join(pieces)).strip()


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The tokens in LaTeX, and whether each is part of a sentence: words, and blanks and articles beside them."""
    tokens = list(_TOKEN.finditer(text))
    words = [_is_word(found, text) for found in tokens]
    for k, found in enumerate(tokens):
        around = words[max(k - 2, 0) : k + 3]
        if words[k] or (found[0] == " " and any(words[max(k - 1, 0) : k + 2])):
            yield found[0], True
        elif found[0] in ("a", "A") and k + 2 < len(words) and words[k + 2] and (k < 2 or around[0]):
            # Between two words, or before the first one, it is the article.
            yield found[0], True
        else:
            yield _spelled(found), False


def _is_word(found: re.Match[str], text: str) -> bool:
    part = found[0]
    if found.lastgroup != "word" or len(part) == 1 or part in _KNOWN or part in _WORDS:
        return False
    return not (part in FUNCTIONS and text[found.end() : found.end() + 1] == "(")


def _spelled(found: re.Match[str]) -> str:
    kind, part, rest = str(found.lastgroup), found[0], found.string[found.end() :]
    match kind:
        case "differential":
            return rf"\mathrm{{d}}{part[1]}"
        case "word" if len(part) == 1:
            return r"\mathrm{d}" if part == "d" and re.match(r"[ (‖√\ue000-\uf8ff∑]", rest) else part
        case "word":
            return _KNOWN.get(part) or rf"\operatorname{{{part.replace('_', '-')}}}"
        case "norm":
            return rf"\lVert {_in_latex(part[1:-1])} \rVert"
        case "super":
            return f"^{{{''.join(_SUPER[c] for c in part)}}}"
        case "sub":
            return f"_{{{''.join(_SUB[c] for c in part)}}}"
        case "index":
            return f"_{{{part[1:]}}}"
        case "power":
            return f"^{{{part.strip('^()').replace('−', '-')}}}"
        case _:
            return _LATEX.get(part, part)


_KNOWN = MappingProxyType({"log": r"\log ", "exp": r"\exp ", "det": r"\det ", "sin": r"\sin ", "cos": r"\cos "})
