# The function: x1**2 + exp(x1*x2) + 2*log(x2) [x1: x2:]
# gradient: [2*x1 + x2*exp(x1*x2), x1*exp(x1*x2) + 2/x2]
# hessian: [[x2**2*exp(x1*x2) + 2, x1*x2*exp(x1*x2) + exp(x1*x2)], [x1*x2*exp(x1*x2) + exp(x1*x2), x1**2*exp(x1*x2) - 2/x2**2]]
# holds where x2 > 0

import math


def careful(function, x):
    """The function's value; nan where it has none, and infinity where that is too large."""
    try:
        return function(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def exp(x):
    """The exponential function; infinity where that is too large."""
    return careful(math.exp, x)


def log(x):
    """The natural logarithm; -infinity at 0."""
    return -math.inf if x == 0 else careful(math.log, x)


def divide(a, b):
    """a / b, with the infinities of floating point."""
    if b:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def f(x1, x2):
    """Return a dictionary:

    value: a scalar
    gradient: a vector of size 2
    hessian: a matrix, 2 × 2

    from

    x1: a scalar
    x2: a scalar
    """
    t1 = x1 * x1
    t2 = x1 * x2
    exp_t2 = math.exp(t2) if t2 < 709.0 else exp(t2)
    t3 = x2 * x2
    t4 = t2 * exp_t2 + exp_t2
    value = t1 + exp_t2 + 2.0 * (math.log(x2) if x2 > 0 else log(x2))
    gradient = [2.0 * x1 + x2 * exp_t2, x1 * exp_t2 + (2.0 / x2 if x2 else divide(2.0, x2))]
    hessian = [[t3 * exp_t2 + 2.0, t4], [t4, t1 * exp_t2 - (2.0 / t3 if t3 else divide(2.0, t3))]]
    return {"value": value, "gradient": gradient, "hessian": hessian}


def entries(value):
    """The numbers in a value, one after the other."""
    value = value.tolist() if hasattr(value, "tolist") else value
    return [entry for row in value for entry in entries(row)] if isinstance(value, list) else [value]


def self_test():
    """Compare the function with values that were found without it."""
    results = f(x1=1.0389176105973106, x2=1.1258120476973807)
    expected = {
        "value": 4.537146710555832,
        "gradient": [5.7038368372586294, 5.122628547792386],
        "hessian": [[6.082196304335032, 6.987904653039924], [6.987904653039924, 1.8983885114721828]],
    }
    for name, value in expected.items():
        found, wanted = (entries(results[name]), entries(value))
        scale = 1 + max(map(abs, wanted))
        if len(found) != len(wanted) or not all((abs(a - b) <= 1e-09 * scale for a, b in zip(found, wanted))):
            raise SystemExit(f"f: {name} is {found}, and should be {wanted}")
    print("f: self-test passed (" + ", ".join(expected) + ")")


if __name__ == "__main__":
    self_test()
