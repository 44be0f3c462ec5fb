"""The measurements still measure: their problems are derived and verified, and their tables printed."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import first_answers, latency, peers, pictures, scaling, structured_tasks, tasks, timing


@pytest.mark.parametrize("family", [family for _, family, _ in scaling.FAMILIES])
def test_families_are_verified(family: scaling.Family) -> None:
    assert all(scaling.gradient(family(count)).verification.ok for count in (1, 3))


def test_ours_and_peers_compute_the_same() -> None:
    values = latency.data()
    for ours, theirs in zip(latency.derive_and_run(values), latency.with_jax(values)(), strict=True):
        assert ours == pytest.approx(np.asarray(theirs), rel=1e-9, abs=1e-12)


def test_every_round_times_every_job(capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []
    times = timing.medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=2)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    timing.print_ratios("title", {**times, "b": 2 * times["a"]}, "a")
    assert [line.split("|")[3].strip() for line in capsys.readouterr().out.splitlines()[-2:]] == ["1.00", "2.00"]


def test_pictures_are_drawn_by_both() -> None:
    (make, *_) = pictures.makers().values()
    for name, job in pictures.jobs(make).items():
        drawn = job()
        assert name.endswith("scene") or bytes(drawn).startswith(b"\x89PNG"), name


SMALL = [
    structured_tasks.quadratic(5),
    structured_tasks.factorisation_hessian(5, 2),
    structured_tasks.factorisation_product(6, 3),
    structured_tasks.factorisation_step(7, 3, 1),
    structured_tasks.softmax(6),
    structured_tasks.rosenbrock(9),
    structured_tasks.brusselator(5),
    structured_tasks.pairwise(6),
]


@pytest.mark.parametrize("task", SMALL, ids=lambda task: task.name)
def test_structured_tasks_agree_with_hand_written_forms(task: structured_tasks.Task) -> None:
    task.check()
    for job in task.jobs.values():
        job()


def test_mixtures_by_hand_by_programs_and_by_peers_agree() -> None:
    values = tasks.mixture_values(1100, 3, 4)
    jobs = {**tasks.mixture(values), **peers.mixture(values)}
    wanted = tasks._flat(jobs[tasks.HAND]())
    assert len(jobs) >= 5 and all(
        tasks._flat(job()) == pytest.approx(wanted, rel=1e-9, abs=1e-9) for job in jobs.values()
    )


def test_first_answers_of_all_systems_agree() -> None:
    wanted = first_answers.answer("T1", "hesse")["values"]
    for task in first_answers.TASKS:
        ours, theirs = (first_answers.answer(task, system)["values"] for system in ("hesse", "jax"))
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    assert len(wanted) == 6


def test_measured_rows() -> None:
    (row,) = first_answers.first_answers(1, ["T1"], ["hesse"])
    assert row.seconds["hesse"] and row.processor["hesse"]
    (peak,) = first_answers.peaks([60])
    assert peak.output == 8 * 180**2 and 1 < peak.ratio < 12
    sizes = scaling.times_per_size([1000, 2000], 1)
    assert {row.size for row in sizes} == {1000, 2000} and all(row.each > 0 for row in sizes)
    title, text, declarations, wrt, _ = scaling.SMOOTH[0]
    (cost,) = scaling.gradient_costs([(title, text, declarations, wrt, {"m": 50, "n": 3})], 1)
    assert cost.ratio > 0
