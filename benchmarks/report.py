"""Programs of hesse beside other systems: a table and a picture in the documentation, from one run.

`python -m benchmarks report` measures every task; a system that is not installed, or fails, is named with the reason.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import structured_tasks, tasks
from benchmarks.peers import PEERS
from benchmarks.sections import sections
from benchmarks.sparse_peers import SPARSE_PEERS
from benchmarks.tasks import HAND, Measured, measure
from benchmarks.timing import milliseconds
from hesse.core.declarations import natural_key

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "images" / "benchmarks.png"
SYSTEMS = ("numpy", "numba", "jax", "torch", "casadi")
PEER_NAMES = frozenset({"jax jit", "torch.func", "casadi", "casadi, buffers"})

HEAD = """# Benchmarks

```sh
pip install -e ".[dev,peers]"
python -m benchmarks report
```

Each task is computed by a program that hesse wrote, by the best form written by hand (`benchmarks/hand.py`), and by
other systems as their users write it (`benchmarks/peers.py`), on the same data, in turn, after a round that does not
count. Every result is compared with the one by hand. The figures are medians; compare ratios, which on a busy machine
are good to a factor of two or so. "into" means buffers that the caller keeps.

"""


def main() -> None:
    """Measure, and write the page and the picture."""
    every = sorted((*tasks.TASKS, *structured_tasks.COMMON), key=lambda task: natural_key(task.name))
    peers = {**PEERS, **SPARSE_PEERS}
    found = [measure(task, peers.get(task.name, lambda values: {})) for task in every]
    PAGE.write_text(
        HEAD + machine() + table(found) + failures(found) + PICTURE_LINE + firsts(found) + sections(), encoding="utf-8"
    )
    draw(found)
    print(PAGE.read_text(encoding="utf-8"))


PICTURE_LINE = """
![Time by the time of the best form by hand, for hesse and for the best other system](images/benchmarks.png)
"""


def machine() -> str:
    """What it was measured on."""
    versions = ", ".join(f"{name} {_version(name)}" for name in SYSTEMS if _version(name))
    load = os.getloadavg()[0]
    return (
        f"Measured with Python {platform.python_version()}, {versions}, on {os.cpu_count()} cores"
        f" with a load of {load:.0f} from this and other work.\n\n"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def best(found: Measured, peers: bool) -> str | None:
    """The fastest job of hesse, or of the other systems."""
    names = [name for name in found.seconds if (name in PEER_NAMES) is peers and not name.startswith(HAND)]
    return min(names, key=lambda name: found.seconds[name], default=None)


def table(found: Sequence[Measured]) -> str:
    """A row for each task: the time by hand, and every job by its ratio."""
    lines = ["| task | by hand | hesse, ratio to hand | other systems, ratio to hand |", "|---|---|---|---|"]
    for each in found:
        ours, others = (_ratios(each, peers) for peers in (False, True))
        task, time = each.task, milliseconds(each.seconds[HAND])
        lines.append(f"| {task.name} {task.title} | {time} | {ours} | {others} |")
    return "\n".join(lines) + "\n"


def _ratios(found: Measured, peers: bool) -> str:
    names = [name for name in found.seconds if name != HAND and (name in PEER_NAMES) is peers]
    ordered = sorted(names, key=lambda name: found.seconds[name])
    if not ordered:
        return "no other system keeps this structure"
    return ", ".join(f"{name} {_short(found.ratio(name))}" for name in ordered)


def firsts(found: Sequence[Measured]) -> str:
    """The first call of the programs that are fastest later, and the peaks of memory."""
    lines = [
        "## First call, and memory",
        "",
        "The first call of the program that is fastest later: compilers work there. Memory is the most that Python and"
        " NumPy hold at once during a call; what other systems allocate themselves is not seen.",
        "",
        "| task | hesse, first call | best other system, first call | memory by hand | memory of hesse |",
        "|---|---|---|---|---|",
    ]
    for each in found:
        ours, theirs = best(each, peers=False), best(each, peers=True)
        calls = [f"{milliseconds(each.first[name])} ({name})" if name else "-" for name in (ours, theirs)]
        memory = [_bytes(each.peaks[name]) if name else "-" for name in (HAND, ours)]
        lines.append(f"| {each.task.name} | {' | '.join(calls + memory)} |")
    return "\n" + "\n".join(lines) + "\n"


def _bytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def failures(found: Sequence[Measured]) -> str:
    """What other systems could not do."""
    lines = [f"- {each.task.name}, {name}: {reason}" for each in found for name, reason in each.failed.items()]
    return "\nNot measured:\n\n" + "\n".join(lines) + "\n" if lines else ""


def draw(found: Sequence[Measured]) -> None:
    """Bars on a logarithmic scale: hesse and the best other system, by the time of the form by hand."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 0.42 * len(found) + 1.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    bars: Mapping[str, tuple[bool, float, str]] = {
        "hesse": (False, -0.2, "#0072B2"),
        "best other system": (True, 0.2, "#E69F00"),
    }
    for label, (peers, offset, colour) in bars.items():
        names = [best(each, peers) for each in found]
        places = [k + offset for k, name in enumerate(names) if name is not None]
        ratios = [each.ratio(name) for each, name in zip(found, names, strict=True) if name is not None]
        axes.barh(places, ratios, height=0.38, color=colour, label=label)
        for place, ratio, name in zip(places, ratios, [name for name in names if name], strict=True):
            axes.text(ratio * 1.05, place, f"{_short(ratio)}  {name}", va="center", fontsize=7)
    axes.axvline(1, color="0.3", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlim(right=axes.get_xlim()[1] * 4)
    axes.set_yticks(range(len(found)), [each.task.name for each in found])
    axes.invert_yaxis()
    axes.set_xlabel("time, by the time of the best form by hand")
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE)
