"""Programs over samples with arrays of three axes and more: the samples along the last axis.

Such arrays are many times larger than the data, and their other axes are short. With the samples last, every
operation on entries runs along a long axis without gaps, sums over short axes add rows to rows, and products over
short axes are products of stacked matrices. Blocks of samples then stay in the cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hesse.codegen.plan import Plan
from hesse.codegen.rows import Rows
from hesse.codegen.terms import ENTRYWISE, Term, Terms, is_one
from hesse.core.build import common_shape
from hesse.core.nodes import Shape
from hesse.core.sizes import ONE
from hesse.errors import ShapeError


def without_ones(plan: Plan) -> Mapping[Term, Term]:
    """Elementwise operations on arrays that were repeated by vectors of ones, with broadcasting instead."""
    change: dict[Term, Term] = {}
    for term in plan.steps:
        if term.head not in ENTRYWISE or len(term.arguments) < 2:
            continue
        arguments = list(term.arguments)
        for place, argument in enumerate(arguments):
            new = _unrepeated(plan.terms, argument)
            others = [other.shape for k, other in enumerate(arguments) if k != place]
            if new is not None and _fits(term.shape, [new.shape, *others]):
                arguments[place] = new
        if arguments != list(term.arguments):
            change[term] = plan.terms.make(term.head, arguments, term.options, term.shape, term.dtype)
    return change


def _unrepeated(terms: Terms, term: Term) -> Term | None:
    """What ones repeat in a contraction, with axes of size 1 where they stood; None where it is another contraction."""
    if term.head != "einsum":
        return None
    left, _, out = term.options[0].partition("->")
    pairs = list(zip(left.split(","), term.arguments, strict=True))
    ones = [word for word, operand in pairs if operand.head == "full" and is_one(operand.arguments[0])]
    others = [(word, operand) for word, operand in pairs if word not in ones]
    if not ones or len(others) != 1:
        return None
    ((word, operand),) = others
    in_order = word == "".join(letter for letter in out if letter in word)
    return operand_along(terms, word, operand, out) if in_order else None


def operand_along(terms: Terms, word: str, operand: Term, out: str) -> Term:
    """The operand with an axis of size 1 for each letter it lacks; leading ones are left to broadcasting."""
    first = min((out.index(letter) for letter in word), default=len(out))
    new = tuple(k for k, letter in enumerate(out[first:]) if letter not in word)
    return expanded(terms, operand, new)


def expanded(terms: Terms, term: Term, places: Sequence[int]) -> Term:
    """The term with new axes of size 1 at these places of the result."""
    if not places:
        return term
    sizes = iter(term.shape)
    shape = tuple(ONE if k in places else next(sizes) for k in range(term.rank + len(places)))
    return terms.make("expanded", (term,), (tuple(places),), shape, term.dtype)


def _fits(shape: Shape, shapes: Sequence[Shape]) -> bool:
    try:
        return common_shape(*shapes) == shape
    except ShapeError:
        return False


def with_samples_last(plan: Plan, rows: Rows) -> tuple[Mapping[Term, Term], Mapping[Term, str]]:
    """The sums over samples by what replaces them, and the names of what they are made of."""
    turning = _Turning(plan.terms, rows)
    for term in rows.axis:
        turning.turn(term)
    change = {term: turning.turned(term) for term in rows.sums}
    names = {turning.new[term]: name for term, name in plan.names.items() if term in rows.axis}
    return change, names


class _Turning:
    """Terms that have samples, with the samples along the last axis and the other axes in the same order."""

    def __init__(self, terms: Terms, rows: Rows) -> None:
        self._terms = terms
        self._axis = rows.axis
        self.new: dict[Term, Term] = {}

    def turn(self, term: Term) -> None:
        """Notes what stands for a term, after its arguments."""
        self.new[term] = self._variable(term) if term.head == "variable" else self.turned(term)

    def turned(self, term: Term) -> Term:
        """What stands for a term with samples, or for a sum over them."""
        if term.head in ENTRYWISE:
            arguments = [self._aligned(term, argument) for argument in term.arguments]
            return self._terms.make(term.head, arguments, term.options, self._shape(term), term.dtype)
        match term.head:
            case "@":
                return self._product(*term.arguments)
            case "outer":
                left, right = term.arguments
                value, samples = (right, left) if left in self._axis else (left, right)
                return self._terms.outer(value, self.new[samples])
            case "transpose":
                letters = "abcdefghijklmnopqrstuvwxyz"[: term.rank - 1]
                return self._permuted(self.new[term.arguments[0]], f"{letters}z", f"{letters[::-1]}z")
            case "column" | "expanded":
                (argument,) = term.arguments
                places: tuple[int, ...] = (1,) if term.head == "column" else term.options[0]
                place = self._axis[term]
                return expanded(self._terms, self.new[argument], [k - (k > place) for k in places])
            case "einsum":
                return self._contraction(term)
            case _:
                return self._along(term)

    def _variable(self, term: Term) -> Term:
        if term.rank == 1:
            return term
        letters = "abcdefghijklmnopqrstuvwxyz"[: term.rank]
        letter = letters[self._axis[term]]
        turned = self._permuted(term, letters, letters.replace(letter, "") + letter)
        return turned if turned is term else self._terms.make("contiguous", (turned,), (), turned.shape, turned.dtype)

    def _permuted(self, term: Term, word: str, out: str) -> Term:
        if word == out:
            return term
        if out == word[::-1]:
            return self._terms.transpose(term)
        sizes = dict(zip(word, term.shape, strict=True))
        return self._terms.make("einsum", (term,), (f"{word}->{out}",), tuple(sizes[letter] for letter in out))

    def _shape(self, term: Term) -> Shape:
        place = self._axis.get(term)
        return term.shape if place is None else (*term.shape[:place], *term.shape[place + 1 :], term.shape[place])

    def _aligned(self, term: Term, argument: Term) -> Term:
        """An argument of an operation on entries: what has no samples gets an axis of size 1 for them."""
        if argument in self._axis:
            return self.new[argument]
        if not argument.rank:
            return argument
        place = self._axis[term] - (term.rank - argument.rank)
        if place < 0:
            return expanded(self._terms, argument, (argument.rank,))
        if place == argument.rank - 1:
            return argument
        shape = (*argument.shape[:place], *argument.shape[place + 1 :], ONE)
        return self._terms.make("reshape", (argument, *map(self._terms.size, shape)), (), shape)

    def _product(self, left: Term, right: Term) -> Term:
        terms = self._terms
        if left in self._axis and right in self._axis:
            one, other = self.new[left], self.new[right]
            if left.rank == 1:
                return terms.matmul(other, one)
            return terms.matmul(one, terms.transpose(other))
        if left in self._axis:
            return terms.matmul(terms.transpose(right), self.new[left])
        return terms.matmul(left, self.new[right])

    def _along(self, term: Term) -> Term:
        """A reduction, or a function along an axis."""
        (argument,), (axis,) = term.arguments, term.options
        if axis is not None:
            place = self._axis[argument]
            axis = argument.rank - 1 if axis == place else axis - (axis > place)
        return self._terms.make(term.head, (self.new[argument],), (axis,), self._shape(term), term.dtype)

    def _contraction(self, term: Term) -> Term:
        left, _, out = term.options[0].partition("->")
        words = left.split(",")
        letter = next(
            word[self._axis[argument]]
            for word, argument in zip(words, term.arguments, strict=True)
            if argument in self._axis
        )
        words = [word.replace(letter, "") + letter if letter in word else word for word in words]
        out = out.replace(letter, "") + letter if letter in out else out
        operands = [self.new.get(argument, argument) for argument in term.arguments]
        return contraction(self._terms, words, operands, out, self._shape(term))


def contraction(terms: Terms, words: Sequence[str], operands: Sequence[Term], out: str, shape: Shape) -> Term:
    """The contraction as a product of stacked matrices, or as the sum of a product of entries, where it is one."""
    plain = terms.make("einsum", operands, (f"{','.join(words)}->{out}",), shape)
    if any(len(set(word)) < len(word) for word in words):
        return plain
    summed = "".join(dict.fromkeys(letter for word in words for letter in word if letter not in out))
    if len(words) == 2 and len(summed) == 1 and len(out) > 1:
        product = _stacked(terms, words, operands, out, summed, shape)
        if product is not None:
            return product
    return _summed_product(terms, words, operands, out, summed, shape) or plain


def _stacked(
    terms: Terms, words: Sequence[str], operands: Sequence[Term], out: str, summed: str, shape: Shape
) -> Term | None:
    """Products of matrices, one for each position of the leading axes, over the letter `summed`."""
    batch, row, column = out[:-2], out[-2], out[-1]
    if summed not in words[0] or summed not in words[1]:
        return None
    order = (0, 1) if row in words[0] else (1, 0)
    (left, one), (right, other) = ((words[k], operands[k]) for k in order)
    if row in right or column in left or column not in right or row not in left:
        return None
    factors = []
    for word, operand, last in ((left, one, row + summed), (right, other, summed + column)):
        lead = word[:-2]
        if not batch.endswith(lead) or set(word[-2:]) != set(last):
            return None
        factors.append(operand if word[-2:] == last else swapped(terms, operand))
    return terms.make("@", factors, (), shape)


def swapped(terms: Terms, term: Term) -> Term:
    """The term with its last two axes swapped."""
    if term.rank == 2:
        return terms.transpose(term)
    shape = (*term.shape[:-2], term.shape[-1], term.shape[-2])
    return terms.make("swapped", (term,), (), shape, term.dtype)


def _summed_product(
    terms: Terms, words: Sequence[str], operands: Sequence[Term], out: str, summed: str, shape: Shape
) -> Term | None:
    """The product of entries, summed over one axis at most; None where axes would have to be moved."""
    if len(summed) > 1:
        return None
    order = max(words, key=len)
    if set(order) != set(out + summed) or order.replace(summed, "") != out:
        return None
    if any(word != "".join(letter for letter in order if letter in word) for word in words):
        return None
    product: Term | None = None
    for word, operand in zip(words, operands, strict=True):
        factor = operand_along(terms, word, operand, order)
        product = factor if product is None else terms.arithmetic("*", product, factor)
    assert product is not None
    return terms.reduce("sum", product, order.index(summed), shape) if summed else product
