"""What hypotheses about a mistake are held against: the values of the answer at a few points."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations, permutations, product
from random import Random

from hesse.checking.numbers import Kinks, Values, node_value
from hesse.checking.points import EIGHTHS, INTEGERS, STYLES, Point
from hesse.checking.question import Question
from hesse.core.declarations import Declarations
from hesse.core.nodes import Node
from hesse.core.syntax import Call, Name, Syntax, postorder
from hesse.core.tensor import Tensor, positions
from hesse.errors import HesseError
from hesse.service.expression import Expr
from hesse.verify.reference import Program, evaluate
from hesse.verify.sampling import Sizes

CLOSE = 1e-9
FAINT = 1e-5
ROUGH = 1e-10
_STYLES = (EIGHTHS, INTEGERS, STYLES[4])
_AVERAGES = ("mean", "var", "std")
MAX_DENOMINATOR = 48
_SIMPLE = frozenset({Fraction(1), Fraction(2), Fraction(1, 2)})
MAX_SETTINGS = 6
MORE = 2
_NO_VALUE = (HesseError, IndexError, ValueError, ArithmeticError)
"""What evaluating a hypothesis may raise: a slip may lead to an array that cannot be."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A mistake that leads to the answer: its codes, the likeliest first, the words for it, and the rule it misapplies.

    Of several explanations the one with the least `cost` is told; `rule` is empty where no rule is misapplied.
    """

    codes: tuple[str, ...]
    words: str
    rule: str = ""
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Factor:
    """A constant by which one array is a multiple of another: a number times a power of a size."""

    number: Fraction
    size: str = ""
    power: int = 0

    def __str__(self) -> str:
        if not self.power:
            return str(self.number)
        if self.power > 0:
            return self.size if self.number == 1 else f"{self.number}*{self.size}"
        return f"{self.number}/{self.size}"


def lacking(factor: Factor) -> str:
    """What is wrong with an answer that is to be multiplied by the factor."""
    sign = factor.number < 0
    size = Factor(abs(factor.number), factor.size, factor.power)
    if size == Factor(Fraction(1)):
        return "the sign is wrong"
    over = not factor.power and size.number.numerator == 1
    told = f"there is a factor {1 / size.number} too many" if over else f"a factor {size} is missing"
    return f"{told}, and the sign is wrong" if sign else told


def mean_or_sum(factor: Factor, f: Expr) -> str:
    """What a factor that depends on sizes says of an answer for the function."""
    above, _, below = factor.size.partition("/")
    if below:
        return f"it was divided by {_bare(below)} in the place of {_bare(above)}"
    if factor.size.startswith("("):
        times = "multiplied" if factor.power > 0 else "divided"
        return f"it was {times} by {_bare(factor.size)}"
    if factor.power < 0:
        return "a mean was taken for a sum"
    sizes = f._declarations.size_names
    averages = any(
        (isinstance(part, Call) and part.function in _AVERAGES) or (isinstance(part, Name) and part.name in sizes)
        for part in postorder(f.exact_tree)
    )
    return "a sum was taken for a mean" if averages else f"it was multiplied by {factor.size}"


def _bare(size: str) -> str:
    return size[1:-1] if size.startswith("(") else size


class Evidence:
    """The points, and the values of the truth and of the answer there."""

    def __init__(
        self,
        question: Question,
        truth: Syntax,
        answer: Syntax | None,
        first: Sequence[Point] = (),
        declarations: Declarations | None = None,
        kinks: Kinks | None = None,
    ) -> None:
        """Without an answer, which has no values where shapes do not fit in it, there is the truth alone. The
        declarations are those of the question, or say more. Points on kinks are left out: values there are conventions.
        """
        self.question = question
        self.points: list[Point] = []
        self.truth: list[Values] = []
        self.answer: list[Values] = []
        for point in (*_points(question, declarations or question.f._declarations), *first):
            one = _clear_value(truth, point)
            other = None if answer is None else value_of(answer, point)
            if one is not None and (other is not None or answer is None) and _clear(kinks, point):
                self.points.append(point)
                self.truth.append(one)
                self.answer += [] if other is None else [other]

    @property
    def over(self) -> bool:
        """Whether there is no time left for further hypotheses."""
        return time.monotonic() > self.question.deadline

    @cached_property
    def same_shape(self) -> bool:
        """Whether the answer has the shape of the truth at all points."""
        return bool(self.answer) and [a.shape for a in self.answer] == [t.shape for t in self.truth]

    @property
    def hidden(self) -> bool:
        """Whether the difference is lost in the rounding of floats, so that nothing can be held against it."""
        return self.same_shape and all(map(close, self.answer, self.truth))

    @cached_property
    def faint(self) -> bool:
        """Whether the difference is small everywhere, so that what explains it must hold to more digits."""
        sizes = [max(map(abs, truth.entries), default=0.0) for truth in self.truth]
        gaps = [max(map(abs, gap.entries), default=0.0) for gap in self.residual]
        return bool(gaps) and all(gap <= FAINT * size for gap, size in zip(gaps, sizes, strict=True))

    @property
    def wrong(self) -> list[tuple[int, ...]]:
        """The entries that are wrong at some point; none where the shape varies."""
        if not self.same_shape or len({answer.shape for answer in self.answer}) > 1:
            return []
        pairs = list(zip(self.answer, self.truth, strict=True))
        return [
            place
            for place in positions(self.answer[0].shape)
            if any(not close(Tensor((), [a[place]]), Tensor((), [t[place]])) for a, t in pairs)
        ]

    @property
    def solid(self) -> bool:
        """Whether there are points enough to hold an explanation against: several, and sizes other than 1."""
        sizes = {size for point in self.points for size in point.sizes.values()}
        return len(self.points) > 1 and sizes != {1}

    @property
    def only(self) -> Point | None:
        """The one point at which a difference is seen; None where there are several."""
        if not self.same_shape:
            return None
        pairs = zip(self.points, self.answer, self.truth, strict=True)
        found = [point for point, answer, truth in pairs if not close(answer, truth)]
        return found[0] if len(found) == 1 < len(self.points) else None

    @cached_property
    def residual(self) -> list[Values]:
        """The answer less the truth, where their shapes are equal; else nothing."""
        if not self.same_shape:
            return []
        return [_combined(a, 1, t, -1) for a, t in zip(self.answer, self.truth, strict=True)]

    def answers(self, value: Callable[[Point], Values | None]) -> bool:
        """Whether the answer has these values at all points."""
        return bool(self.points) and all(
            close(value(point), answer) for point, answer in zip(self.points, self.answer, strict=True)
        )

    def is_truth(self, value: Callable[[Point], Values | None]) -> bool:
        """Whether the truth has these values at all points."""
        return bool(self.points) and all(
            close(value(point), truth) for point, truth in zip(self.points, self.truth, strict=True)
        )

    def ratios(
        self, target: Sequence[Values], value: Callable[[Point], Values | None]
    ) -> list[tuple[float, Mapping[str, int]]] | None:
        """The number times which the values are the target, at each point, with its sizes; None where there is none."""
        if len(target) < len(self.points) or not self.points:
            return None
        found: list[tuple[float, Mapping[str, int]]] = []
        for point, wanted in zip(self.points, target, strict=True):
            ratio = proportion(wanted, value(point))
            if ratio is None:
                return None
            if not math.isnan(ratio):
                found.append((ratio, point.sizes))
        return found

    def multiple(self, target: Sequence[Values], value: Callable[[Point], Values | None]) -> Factor | None:
        """The constant times which the values are the target at all points; None where there is none."""
        ratios = self.ratios(target, value)
        return None if ratios is None else factor_of(ratios)


def value_of(tree: Syntax, point: Point) -> Values | None:
    """The value of a tree by the plain evaluator; None where there is none."""
    try:
        value = evaluate(tree, point.environment)
    except _NO_VALUE:
        return None
    return value if all(map(math.isfinite, value.entries)) else None


def _clear_value(tree: Syntax, point: Point) -> Values | None:
    """The value of a tree; None where there is none, or where rounding is all there is to it."""
    program = Program(tree)
    try:
        steps = program.run(point.environment)
        again = program.jittered(steps, point.environment, Random("noise"))
    except HesseError:
        return None
    value: Values = steps[-1]
    top = max(map(abs, value.entries), default=0.0)
    clear = all(abs(a - b) <= ROUGH * top for a, b in zip(value.entries, again.entries, strict=True))
    return value if clear and all(map(math.isfinite, value.entries)) else None


def _clear(kinks: Kinks | None, point: Point) -> bool:
    """Whether the point is seen to lie on none of the kinks."""
    try:
        return kinks is None or kinks.clear(point)
    except _NO_VALUE:
        return True


def of_node(node: Node) -> Callable[[Point], Values | None]:
    """The values of a node."""

    def value(point: Point) -> Values | None:
        try:
            return node_value(node, point)
        except _NO_VALUE:
            return None

    return value


def of_tree(tree: Syntax) -> Callable[[Point], Values | None]:
    """The values of a tree."""
    return lambda point: value_of(tree, point)


def close(value: Values | None, wanted: Values) -> bool:
    """Whether two arrays are the same but for rounding."""
    if value is None or value.shape != wanted.shape:
        return False
    scale = CLOSE * max(map(abs, wanted.entries), default=0.0)
    pairs = zip(value.entries, wanted.entries, strict=True)
    return all(abs(a - b) <= max(scale, CLOSE * abs(b)) for a, b in pairs)


def proportion(wanted: Values, value: Values | None) -> float | None:
    """The number times which the value is what is wanted; nan where both are zero, None where there is none."""
    if value is None or value.shape != wanted.shape or not all(map(math.isfinite, value.entries)):
        return None
    if not value.entries:
        return None
    place = max(range(len(value.entries)), key=lambda k: abs(value.entries[k]))
    if value.entries[place] == 0:
        return math.nan if not any(wanted.entries) else None
    ratio = wanted.entries[place] / value.entries[place]
    return ratio if close(value.map(lambda entry: ratio * entry), wanted) or _tiny(ratio, value, wanted) else None


def _tiny(ratio: float, value: Values, wanted: Values) -> bool:
    """Whether what is wanted is zero but for rounding."""
    top = max(map(abs, value.entries), default=0.0)
    return abs(ratio) < CLOSE and all(abs(entry) <= CLOSE * top for entry in wanted.entries)


def factor_of(ratios: Sequence[tuple[float, Mapping[str, int]]]) -> Factor | None:
    """The number, or the number times a size, over one, or times the quotient of two, that the ratios are."""
    if not ratios:
        return None
    number = _common([ratio for ratio, _ in ratios])
    if number is not None:
        return Factor(number)
    for size, power, value in _sizes_in(ratios[0][1]):
        bases = [value(sizes) for _, sizes in ratios]
        # What holds at one value of the size says nothing about the size.
        if 0 < min(bases) < max(bases):
            values = [base**power for base in bases]
            number = _common([ratio / each for (ratio, _), each in zip(ratios, values, strict=True)])
            # Through two values there goes a curve of every kind.
            if number and (len(set(bases)) > 2 or abs(number) in _SIMPLE):
                return Factor(number, size, power)
    return None


def _sizes_in(sizes: Mapping[str, int]) -> Iterator[tuple[str, int, Callable[[Mapping[str, int]], Fraction | float]]]:
    """What a factor may be made of: sizes, quotients of two, and sizes that are off by one, with the power of each."""
    for name in sizes:
        for power in (1, -1):
            yield name, power, partial(_shifted, name, 0)
    for above, below in permutations(sizes, 2):
        yield f"{above}/{below}", 1, partial(_quotient, (above, 0), (below, 0))
    for name in sizes:
        for shift in (-1, 1):
            off = f"({name} {'-' if shift < 0 else '+'} 1)"
            yield f"{name}/{off}", 1, partial(_quotient, (name, 0), (name, shift))
            yield f"{off}/{name}", 1, partial(_quotient, (name, shift), (name, 0))
            for power in (1, -1):
                yield off, power, partial(_shifted, name, shift)
    for one, other in combinations(sizes, 2):
        for power in (1, -1):
            yield f"({one}*{other})", power, partial(_product, one, other)
    for name, power in product(sizes, (1, -1)):
        yield f"({name}**2)", power, partial(_product, name, name)
        yield f"(sqrt({name}))", power, partial(_root, name)


def _shifted(name: str, shift: int, sizes: Mapping[str, int]) -> Fraction:
    return Fraction(sizes[name] + shift)


def _product(one: str, other: str, sizes: Mapping[str, int]) -> Fraction:
    return Fraction(sizes[one] * sizes[other])


def _root(name: str, sizes: Mapping[str, int]) -> float:
    return math.sqrt(sizes[name])


def _quotient(above: tuple[str, int], below: tuple[str, int], sizes: Mapping[str, int]) -> Fraction:
    divisor = _shifted(*below, sizes)
    return _shifted(*above, sizes) / divisor if divisor else Fraction(0)


def _common(ratios: Sequence[float]) -> Fraction | None:
    first = ratios[0]
    number = Fraction(first).limit_denominator(MAX_DENOMINATOR)
    room = CLOSE * max(abs(float(number)), 1e-3)
    if all(abs(ratio - number) <= room for ratio in ratios):
        return number
    return None


def _combined(a: Values, p: int, b: Values, q: int) -> Values:
    return Tensor(a.shape, [p * x + q * y for x, y in zip(a.entries, b.entries, strict=True)])


def _points(question: Question, declarations: Declarations) -> list[Point]:
    """Seven points, of three settings of the sizes, in the last of which the sizes are larger and farther apart."""
    sampler = question.sampler(declarations)
    found: list[Point] = []
    settings = sampler.settings(MAX_SETTINGS)
    for number, setting in enumerate([*settings[:2], *_farthest(settings[2:])]):
        styles = _STYLES if number == 0 else (EIGHTHS, STYLES[4])
        found += sampler.draws(setting, 50 + number, styles)
    if len(settings) == 1:
        # Without sizes that vary the points differ in their values alone.
        for number in range(MORE):
            found += sampler.draws(settings[0], 60 + number, (EIGHTHS, STYLES[4]))
    return found


def _farthest(settings: Sequence[Sizes]) -> Sequence[Sizes]:
    """The one of the settings in which two sizes are farthest apart, for their size; none where there is none."""
    spreads = [max(each.values(), default=1) / min(each.values(), default=1) for each in settings]
    return [settings[spreads.index(max(spreads))]] if settings else []
