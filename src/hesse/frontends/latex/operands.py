r"""What an operand can begin with, and the plainest operands: numbers, letters, words, `\frac`, `\sqrt`."""

from __future__ import annotations

import difflib
from fractions import Fraction

from hesse.errors import AmbiguousError, ParseError, Span, UnknownNameError
from hesse.frontends.latex.commands import (
    ACCENTS,
    BIG,
    FRACTIONS,
    FUNCTIONS,
    INFIX,
    LETTERS,
    REFUSED,
    REFUSED_WORDS,
    RELATIONS,
    SPACES,
    TRANSPOSES,
    WORDS,
)
from hesse.frontends.latex.cursor import Cursor
from hesse.frontends.latex.steps import Step
from hesse.frontends.latex.tokens import Token
from hesse.frontends.latex.tree import (
    Applied,
    Bars,
    Filled,
    Group,
    Infix,
    Latex,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    unbracketed,
)
from hesse.frontends.text.vocabulary import canonical

STOPS = frozenset(("where", "with", "if", "otherwise", "else", "for", "when", "and", "or", "subject to", "s.t."))
"""Words that end an expression."""
_OPERATORS = frozenset({*INFIX, *RELATIONS, *TRANSPOSES})


def starts_operand(cursor: Cursor) -> bool:
    """Whether an operand can begin at the place."""
    token = cursor.token
    match token.kind:
        case "letter" | "bold" | "double" | "number" | "open" | "begin":
            return True
        case "word":
            return True
        case "text":
            return token.value not in STOPS
        case "command":
            return token.value not in _OPERATORS and token.value not in ("in", "prime", "mid")
        case "bar":
            return not closes_bar(cursor)
        case "sign":
            return token.value == "{"
        case _:
            return False


def closes_bar(cursor: Cursor) -> bool:
    """Whether the bar at the place closes the innermost open bracket."""
    innermost = cursor.opened[-1] if cursor.opened else ""
    return innermost in ("|", "‖") and (cursor.token.value in (innermost, "||"))


def function_of(token: Token) -> str | None:
    """The function of the vocabulary that a command or a word stands for; None for anything else."""
    if token.kind not in ("command", "word", "text"):
        return None
    name = FUNCTIONS.get(token.value, token.value)
    if token.value in ("max", "min", "vec", "det"):
        return token.value
    return canonical(name) or canonical(name.lower())


def read_number(cursor: Cursor) -> Latex:
    """A number."""
    token = cursor.next()
    return Number(token.span, Fraction(token.value))


def read_letter(cursor: Cursor) -> Step[Latex]:
    """A letter, or a run of letters that is a declared name."""
    token = cursor.token
    if not token.glued and cursor.ahead().glued:
        whole = _read_run(cursor)
        if whole is not None:
            return whole
    cursor.next()
    named: Latex = yield ("named", Symbol(token.span, token.value))
    return named


def _read_run(cursor: Cursor) -> Latex | None:
    """The run of letters as one name, if it is declared; asks where it is written like a function."""
    run = _run(cursor)
    word = "".join(each.value for each in run)
    known = [bool(cursor.names.find(each.value)) for each in run]
    if cursor.names.exists(word):
        return _declared_run(cursor, run, word, all(known))
    behind = cursor.ahead(len(run))
    if canonical(word) and not all(known) and (behind.kind, behind.value) == ("open", "("):
        product = r" \, ".join(each.value for each in run)
        command = rf"\{word}" if word in WORDS else rf"\operatorname{{{word}}}"
        raise AmbiguousError(
            f"letters side by side are a product in LaTeX: the function `{word}`, or a product?",
            (f"{command}(...)", rf"{product} \, (...)"),
            span=run[0].span.join(run[-1].span),
        )
    return None


def _run(cursor: Cursor) -> list[Token]:
    """The letters from the place on that stand without a space between them."""
    run = [cursor.token]
    while cursor.ahead(len(run)).kind == "letter" and cursor.ahead(len(run)).glued:
        run.append(cursor.ahead(len(run)))
    return run


def _declared_run(cursor: Cursor, run: list[Token], word: str, letters_known: bool) -> Latex:
    span = run[0].span.join(run[-1].span)
    if letters_known:
        product = " ".join(each.value for each in run)
        raise AmbiguousError(
            f"`{word}` is declared, and so are its letters: one name, or a product?",
            (rf"\mathrm{{{word}}}", product),
            span=span,
        )
    cursor.position += len(run)
    cursor.note(f"`{word}` read as one name, since it is declared")
    return cursor.symbol(Symbol(span, word, upright=True))


def read_word(cursor: Cursor) -> Step[Latex]:
    r"""What `\mathrm`, `\text` or `\operatorname` set in type: a declared name, a function, or a new name."""
    token = cursor.token
    name = token.value
    if token.kind == "text" and name in STOPS:
        raise cursor.error(f"`{name}` does not belong here", hint=REFUSED_WORDS.get(name, ""))
    if not cursor.names.find(name, upright=True):
        if function_of(token) is not None:
            applied: Latex = yield "function"
            return applied
        if name == "d" and cursor.ahead().kind in ("letter", "command"):
            raise cursor.error("a differential is not in the notation", hint=REFUSED["partial"])
        if name in ("e", "I", "T"):
            cursor.next()
            letter: Latex = yield ("named", Symbol(token.span, name))
            return letter
        if name in REFUSED_WORDS:
            raise cursor.error(f"`{name}` is not in the notation", hint=REFUSED_WORDS[name])
        if cursor.ahead().kind == "open" and cursor.ahead().value == "(":
            raise UnknownNameError(f"`{name}` is not a function", span=token.span, hint=_nearest_function(name))
    cursor.next()
    if not name.replace("_", "").isalnum():
        raise ParseError(f"`{name}` cannot be a name", span=token.span, hint="leave remarks out of the formula")
    named: Latex = yield ("named", Symbol(token.span, name, upright=True))
    return named


def _nearest_function(name: str) -> str:
    known = [*FUNCTIONS, "softmax", "softplus", "relu", "logsumexp", "diag", "sigmoid"]
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return rf"did you mean `\operatorname{{{near[0]}}}`?"
    return rf"declare it, as in `{name}:n->`, or write `\mathrm{{{name}}} \cdot (...)` for a product"


def read_bold(cursor: Cursor) -> Step[Latex]:
    r"""A bold letter: a vector or matrix by its look; `\mathbf{1}` and `\mathbf{0}` are arrays."""
    token = cursor.next()
    value = token.value.removeprefix("\\")
    if token.value.startswith("\\") and value not in LETTERS:
        raise ParseError(f"`\\{value}` cannot be bold", span=token.span)
    if value in ("1", "0"):
        filled: Latex = yield ("filled", Filled(token.span, value))
        return filled
    if value.isdigit():
        return Number(token.span, Fraction(value))
    stem = LETTERS[value] if token.value.startswith("\\") else value
    upright = len(stem) > 1
    if upright and not cursor.names.find(stem, upright=True) and all(map(cursor.names.find, stem)):
        raise AmbiguousError(
            "several bold letters: one name, or a product?",
            (rf"\mathrm{{{stem}}}", " ".join(rf"\mathbf{{{letter}}}" for letter in stem)),
            span=token.span,
        )
    named: Latex = yield ("named", Symbol(token.span, stem, bold=True, upright=upright))
    return named


def read_double(cursor: Cursor) -> Step[Latex]:
    r"""`\mathbb{1}` and `\mathbb{I}`; the other blackboard letters are sets and expectations."""
    token = cursor.next()
    if token.value in ("1", "I"):
        indicates = token.value == "1" or cursor.token.kind == "open"
        filled: Latex = yield ("filled", Filled(token.span, "1" if indicates else "I"))
        return filled
    hint = REFUSED_WORDS.get(token.value, REFUSED_WORDS["R"])
    raise ParseError(f"`\\mathbb{{{token.value}}}` is not in the notation", span=token.span, hint=hint)


def read_command(cursor: Cursor) -> Step[Latex]:
    """A command where an operand is due."""
    token = cursor.token
    name = token.value
    goal = _goal(token)
    if goal:
        found: Latex = yield goal
        return found
    if name in LETTERS:
        cursor.next()
        named: Latex = yield ("named", Symbol(token.span, LETTERS[name]))
        return named
    if name in REFUSED:
        raise cursor.error(f"`\\{name}` is not in the notation", hint=REFUSED[name])
    if name in _OPERATORS or name == "prime":
        hint = "write what stands in the place of the dot" if name == "cdot" else ""
        raise cursor.error(f"expected an expression, found `\\{name}`", hint)
    raise _unknown(token)


def _goal(token: Token) -> str:
    name = token.value
    if name in FRACTIONS:
        return "fraction"
    if name in BIG:
        return "big"
    if name in ACCENTS:
        return "accent"
    if function_of(token) is not None and name not in ("sqrt", "norm", "abs", "sum", "prod"):
        return "function"
    return {
        "sqrt": "root",
        "nabla": "nabla",
        "norm": "bars macro",
        "abs": "bars macro",
        **dict.fromkeys(ACCENTS, "accent"),
    }.get(name, "")


def _unknown(token: Token) -> ParseError:
    known = {*LETTERS, *FRACTIONS, *WORDS, *BIG, *ACCENTS, *INFIX, *RELATIONS, "sqrt", "operatorname", "mathrm", "top"}
    known |= {"left", "right", "lVert", "rVert", "lvert", "rvert", "langle", "rangle", "mathbf", "boldsymbol", "begin"}
    near = difflib.get_close_matches(token.value, sorted(each for each in known - SPACES if each.isalpha()), 1)
    hint = (
        f"did you mean `\\{near[0]}`?" if near else "macros of your own are not known here: write what they stand for"
    )
    return ParseError(f"`\\{token.value}` is not known", span=token.span, hint=hint)


def read_bars_macro(cursor: Cursor) -> Step[Latex]:
    r"""The macros `\norm{x}` and `\abs{x}` of many documents."""
    token = cursor.next()
    body: Latex = yield "argument"
    return Bars(cursor.since(token.start), token.value == "norm", unbracketed(body))


def read_accent(cursor: Cursor) -> Step[Latex]:
    r"""`\hat{y}` and its like: a name of its own, which the text notation has as y_hat."""
    token = cursor.next()
    mark = ACCENTS[token.value]
    base: Latex = yield "argument"
    while isinstance(base, Group) and base.mark == "{":
        base = base.body
    if not isinstance(base, Symbol):
        raise ParseError(f"`\\{token.value}` stands on a letter only", span=cursor.since(token.start))
    cursor.symbols.pop(id(base), None)
    names = cursor.names
    found = names.find(base.stem, mark) or next(
        (name for name in (f"{base.stem}{mark}", f"{mark}_{base.stem}", f"{mark}{base.stem}") if names.exists(name)),
        None,
    )
    name = found or f"{base.stem}_{mark}"
    span = cursor.since(token.start)
    cursor.note(f"`{cursor.text(span)}` read as the name `{name}`")
    return cursor.symbol(Symbol(span, name, base.bold, upright=True))


def read_fraction(cursor: Cursor) -> Step[Latex]:
    r"""`\frac{a}{b}`, also `\frac12`."""
    token = cursor.next()
    above: Latex = yield "argument"
    below: Latex = yield "argument"
    if _is_differential(cursor, above) and _is_differential(cursor, below, more=True):
        raise ParseError(
            "this looks like a derivative",
            span=cursor.since(token.start),
            hint=REFUSED["partial"] + r"; or declare `d`",
        )
    return Infix(cursor.since(token.start), "frac", _bare(above), _bare(below))


def _is_differential(cursor: Cursor, part: Latex, *, more: bool = False) -> bool:
    """Whether an operand begins with an undeclared d; `more` says that something has to follow it."""
    part = _bare(part)
    first = part.factors[0] if isinstance(part, Product) else part
    first = first.base if isinstance(first, Power) else first
    found = isinstance(first, Symbol) and first.stem == "d" and cursor.names.find("d") is None
    return found and (isinstance(part, Product) or not more)


def read_root(cursor: Cursor) -> Step[Latex]:
    r"""`\sqrt{x}`, `\sqrt[3]{x}`."""
    token = cursor.next()
    index: Latex | None = None
    if cursor.token.kind == "open" and cursor.token.value == "[":
        bracket = cursor.next()
        cursor.open("[", bracket)
        index = yield "sum"
        if not cursor.at("close") or cursor.token.value != "[":
            raise cursor.error(f"expected `]` behind the root's index, found {cursor.found()}")
        cursor.opened.pop()
        cursor.next()
    body: Latex = yield "argument"
    arguments = (_bare(body),) if index is None else (_bare(body), index)
    return Applied(cursor.since(token.start), "sqrt", arguments)


def read_argument(cursor: Cursor) -> Step[Latex]:
    """The argument of a command: a group in braces, one digit, or one letter or command."""
    token = cursor.token
    if token.kind == "number" and len(token.value) > 1 and token.value[0] != ".":
        digit = cursor.split(1)
        return Number(digit.span, Fraction(digit.value))
    if (
        token.kind == "end"
        or (token.kind == "sign" and token.value != "{")
        or token.kind in ("close", "row", "endgrid")
    ):
        before = cursor.tokens[cursor.position - 1]
        span = Span(before.start, before.end) if token.kind == "end" else token.span
        raise ParseError(f"expected an argument of `{before}`, found {cursor.found()}", span=span)
    if token.kind == "letter":
        cursor.next()
        return cursor.symbol(Symbol(token.span, token.value))
    found: Latex = yield "atom"
    return found


def read_braces(cursor: Cursor) -> Step[Latex]:
    """A group in braces, which do not show."""
    token = cursor.next()
    cursor.open("{", token)
    if cursor.at_sign("}"):
        raise ParseError("the braces are empty", span=cursor.since(token.start).join(cursor.token.span))
    body: Latex = yield "relation"
    if not cursor.at_sign("}"):
        if cursor.token.kind == "end":
            raise ParseError("`{` is not closed", span=token.span)
        raise cursor.error(f"expected an operator or `}}`, found {cursor.found()}")
    cursor.opened.pop()
    cursor.next()
    return Group(cursor.since(token.start), "{", body)


def _bare(tree: Latex) -> Latex:
    """The tree without braces, where it stands in a place of its own."""
    while isinstance(tree, Group) and tree.mark == "{":
        tree = tree.body
    return tree


def shows_bare(tree: Latex) -> bool:
    """Whether it is a sum in braces, which LaTeX shows without any brackets."""
    return isinstance(tree, Group) and tree.mark == "{" and isinstance(_bare(tree), Sum)
