"""What belongs to a branch of `where` is brought inside it, and nothing else."""

from __future__ import annotations

import hesse as hs


def test_entries_of_arrays_of_different_sizes_stay_apart() -> None:
    """v[0] and the first entry of the condition stand at the same position of arrays of two and of three entries."""
    f = hs.parse("where(x == [a, a, 2], [a, a, b], x)", "a: b: x:3")
    product = hs.jvp(f, ["a", "b"], "v")
    assert product.verification.status == "verified"
    assert product.evaluate(a=1.0, b=5.0, x=[1.0, 3.0, 2.0], v=[10.0, 20.0]).tolist() == [10.0, 0.0, 20.0]
