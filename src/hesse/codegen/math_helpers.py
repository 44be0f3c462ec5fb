"""Functions that programs in plain Python carry along when they use them. Read as text, never called from here."""

import math
from collections.abc import Callable, Sequence


def careful(function: Callable[[float], float], x: float) -> float:
    """The function's value; nan where it has none, and infinity where that is too large."""
    try:
        return function(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def exp(x: float) -> float:
    """The exponential function; infinity where that is too large."""
    return careful(math.exp, x)


def log(x: float) -> float:
    """The natural logarithm; -infinity at 0."""
    return -math.inf if x == 0 else careful(math.log, x)


def expm1(x: float) -> float:
    """exp(x) - 1."""
    return careful(math.expm1, x)


def log1p(x: float) -> float:
    """log(1 + x); -infinity at -1."""
    return -math.inf if x == -1 else careful(math.log1p, x)


def cosh(x: float) -> float:
    """The hyperbolic cosine."""
    return careful(math.cosh, x)


def sinh(x: float) -> float:
    """The hyperbolic sine."""
    return math.copysign(careful(math.sinh, abs(x)), x)


def divide(a: float, b: float) -> float:
    """a / b, with the infinities of floating point."""
    if b:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def power(x: float, p: float) -> float:
    """x to the power p; nan where that is no real number."""
    try:
        return math.pow(x, p)
    except OverflowError:
        return -math.inf if x < 0 and p % 2 == 1 else math.inf
    except ValueError:
        return math.inf if x == 0 else math.nan


def sign(x: float) -> float:
    """-1, 0 or 1."""
    return x if x != x else float((x > 0) - (x < 0))


def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z)), without overflow."""
    e = math.exp(-abs(z))
    return (1.0 if z >= 0 else e) / (1 + e)


def softplus(z: float) -> float:
    """log(1 + exp(z)), without overflow."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def logaddexp(a: float, b: float) -> float:
    """log(exp(a) + exp(b)), without overflow."""
    return a if a == b == -math.inf else max(a, b) + math.log1p(math.exp(-abs(a - b)))


def xlogy(x: float, y: float) -> float:
    """x*log(y); 0 where both are 0."""
    return 0.0 if x == 0 and y >= 0 else x * log(y)


def gelu(z: float) -> float:
    """z times the normal distribution function, accurate for large negative z too."""
    return z * math.erfc(-z / math.sqrt(2)) / 2


def maximum(a: float, b: float) -> float:
    """The larger of two; nan where one is."""
    return a + b if a != a or b != b else max(a, b)


def minimum(a: float, b: float) -> float:
    """The smaller of two; nan where one is."""
    return a + b if a != a or b != b else min(a, b)


def largest(*z: float) -> float:
    """The largest; nan where one is."""
    return math.nan if any(x != x for x in z) else max(z)


def smallest(*z: float) -> float:
    """The smallest; nan where one is."""
    return math.nan if any(x != x for x in z) else min(z)


def norm(*z: float) -> float:
    """The Euclidean norm."""
    return math.hypot(*z)


def variance(*z: float) -> float:
    """The mean of the squared deviations from the mean."""
    mean = math.fsum(z) / len(z)
    return math.fsum((x - mean) ** 2 for x in z) / len(z)


def logsumexp(*z: float) -> float:
    """log(sum(exp(z))), without overflow."""
    top = largest(*z)
    return top if math.isinf(top) else top + math.log(sum(math.exp(x - top) for x in z))


def softmax(*z: float) -> list[float]:
    """exp(z) / sum(exp(z)), without overflow."""
    top = largest(*z)
    e = [math.exp(x - top) for x in z]
    total = sum(e)
    return [x / total for x in e]


def log_softmax(*z: float) -> list[float]:
    """z - logsumexp(z), without overflow."""
    top = largest(*z)
    rest = math.log(sum(math.exp(x - top) for x in z))
    return [x - top - rest for x in z]


def hardmax(*z: float) -> list[float]:
    """1 at the largest entry, shared if there are several."""
    top = [x == max(z) for x in z]
    return [x / sum(top) for x in top]


def prod_others(*z: float) -> list[float]:
    """For each entry the product of all others: nothing is divided by an entry that may be zero."""
    return [math.prod(x for j, x in enumerate(z) if j != k) for k in range(len(z))]


def eliminated(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> tuple[list[float], list[list[float]]]:
    """The pivots of a, with the sign of the row exchanges in the first, and inv(a) @ b, where no pivot is 0."""
    rows = [[*left, *right] for left, right in zip(a, b, strict=True)]
    n, pivots = len(rows), []
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i][k]))
        pivots.append(rows[best][k] if best == k else -rows[best][k])
        rows[k], rows[best] = rows[best], rows[k]
        if rows[k][k] == 0:
            return pivots, []
        for i in range(n):
            if i != k:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return pivots, [[x / rows[k][k] for x in rows[k][n:]] for k in range(n)]


def solve(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> list[list[float]]:
    """inv(a) @ b, by elimination with row exchanges."""
    solution = eliminated(a, b)[1]
    if not solution:
        raise ZeroDivisionError("the matrix is singular")
    return solution


def inv(a: Sequence[Sequence[float]]) -> list[list[float]]:
    """The inverse."""
    return solve(a, [[float(i == j) for j in range(len(a))] for i in range(len(a))])


def det(a: Sequence[Sequence[float]]) -> float:
    """The determinant."""
    return math.prod(eliminated(a, [[] for _ in a])[0])


def logdet(a: Sequence[Sequence[float]]) -> float:
    """The logarithm of the determinant; nan unless that is positive."""
    pivots = eliminated(a, [[] for _ in a])[0]
    negative = sum(math.copysign(1, pivot) < 0 for pivot in pivots) % 2
    return math.nan if negative or 0 in pivots else math.fsum(math.log(abs(pivot)) for pivot in pivots)
