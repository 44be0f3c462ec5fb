"""Files of answers: formats, separators and encodings, rows that cannot be used, results that are taken up again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hesse.checking.hand_ins import run
from hesse.checking.hand_ins.judging import Judgement, Task
from hesse.checking.hand_ins.results import HEAD as RESULTS_HEAD
from hesse.checking.hand_ins.results import Results
from hesse.checking.hand_ins.run import Marked, mark
from hesse.errors import HesseError

PROBLEMS = {
    "ls": {"function": "norm(A @ x - b)**2", "declarations": "A:m,n x:n b:m", "wrt": "x"},
    "layer": {"function": "A @ x", "declarations": "A:m,n x:n", "wrt": "x", "kind": "jacobian", "accept": "layout"},
    "form": {"function": "x @ A @ x", "declarations": "A:n,n x:n", "wrt": "x", "accept": ["assumption"]},
    "mixed": {"function": "x1^2*x2", "kind": "hessian", "entry": "0,1"},
}
ANSWERS = [
    ("ada", "ls", "2*A.T @ (A @ x - b)", "text", "yes"),
    ("bob", "ls", "A.T @ (A @ x - b)", "text", "no"),
    ("cay", "ls", r"2 A^\top (A x - b)", "latex", "yes"),
    ("dan", "layer", "A", "", "yes"),
    ("eve", "layer", "A.T", "", "yes"),
    ("fay", "form", "2*A @ x", "", "yes"),
    ("gus", "form", "A @ x", "", "no"),
    ("hal", "mixed", "2*x1", "", "yes"),
    ("ida", "mixed", "2*x2", "", "no"),
    ("jan", "ls", "2*(A @ x", "", "unreadable"),
    ("kim", "nope", "2", "", "unreadable"),
]


def outcomes(found: Marked) -> dict[str, str]:
    """What was found for each student."""
    return {each.student: each.right for each in found.judgements}


def write_csv(path: Path, rows: Sequence[Sequence[str]], separator: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "problems.json"
    path.write_text(json.dumps({"problems": PROBLEMS}))
    return path


HEAD = ("student", "problem", "answer", "notation")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables(tmp_path: Path, problem_file: Path, separator: str, encoding: str) -> None:
    rows = [HEAD, ["", "", "", ""], *(row[:4] for row in ANSWERS)]
    path = write_csv(tmp_path / "answers.csv", rows, separator, encoding)
    found = mark(path, problem_file)
    assert outcomes(found) == {row[0]: row[4] for row in ANSWERS}
    assert [each.place for each in found.judgements] == [f"line {k + 3}" for k in range(len(ANSWERS))]
    assert found.counts() == {"yes": 6, "no": 3, "unreadable": 2}
    assert dict(found.by_mistake())["missing-factor"] >= 1 and sum(dict(found.by_mistake()).values()) == 3
    assert [name for name, _ in found.by_problem()] == ["ls", "layer", "form", "mixed", "nope"]


def test_nested_formats(tmp_path: Path) -> None:
    answers = [{"student": s, "problem": p, "answer": a, "notation": n or "text"} for s, p, a, n, _ in ANSWERS]
    whole = {"problems": PROBLEMS, "answers": answers}
    as_json = tmp_path / "all.json"
    as_json.write_text(json.dumps(whole), encoding="utf-8")
    expected = {row[0]: row[4] for row in ANSWERS}
    assert outcomes(mark(as_json)) == expected
    as_toml = tmp_path / "all.toml"
    lines = [
        f"[problems.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in p.items())
        for name, p in PROBLEMS.items()
    ]
    lines += [
        "[[answers]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in row.items()) for row in answers
    ]
    as_toml.write_text("\n".join(lines), encoding="utf-8")
    assert outcomes(mark(as_toml)) == expected
    yaml = pytest.importorskip("yaml", reason="needs the extra yaml")
    as_yaml = tmp_path / "all.yaml"
    as_yaml.write_text(yaml.safe_dump(whole), encoding="utf-8")
    assert outcomes(mark(as_yaml)) == expected


def test_yaml_values_are_texts(tmp_path: Path) -> None:
    pytest.importorskip("yaml", reason="needs the extra yaml")
    path = tmp_path / "all.yml"
    path.write_text(
        "problems:\n  a: {function: 0.10*y, declarations: 'y:'}\nanswers:\n  - {answer: 0.10, student: no}\n"
    )
    (only,) = mark(path).judgements
    assert (only.answer, only.student, only.right) == ("0.10", "no", "yes")


def test_missing_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("hesse.checking.hand_ins.records.import_module", absent)
    path = tmp_path / "a.yaml"
    path.write_text("answers: []")
    with pytest.raises(HesseError, match=r"hesse\[yaml\]"):
        mark(path)


def test_problems_in_the_table(tmp_path: Path) -> None:
    rows = [
        ("problem", "function", "declarations", "wrt", "student", "answer"),
        ("1", "sum(x**2)", "x:n", "", "", ""),
        ("1", "", "", "", "ada", "2*x"),
        ("2", "sum(x**3)", "x:n", "x", "bob", "x**2"),
        ("", "", "", "", "cay", "2*x"),
        ("2", "sum(x**4)", "x:n", "x", "dan", "x**2"),
        ("3", "sum(x**", "x:n", "x", "eve", "x**2"),
    ]
    found = mark(write_csv(tmp_path / "a.csv", rows))
    assert outcomes(found) == {"ada": "yes", "bob": "no", "cay": "unreadable", "dan": "unreadable", "eve": "unreadable"}
    said = {each.student: each.diagnosis for each in found.judgements}
    assert "which problem" in said["cay"] and "another one" in said["dan"] and "problem 3" in said["eve"]


def test_the_only_problem_needs_no_name(tmp_path: Path) -> None:
    rows = [("function", "declarations", "answer"), ("sum(x**2)", "x:n", "2*x"), ("", "", "x")]
    assert [each.right for each in mark(write_csv(tmp_path / "a.csv", rows)).judgements] == ["yes", "no"]


def test_what_excel_says_first(tmp_path: Path, problem_file: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfsep=;\r\nstudent;problem;answer\r\nada;ls;"2*A.T @ (A @ x - b)"\r\n;;\r\n')
    (only,) = mark(path, problem_file).judgements
    assert only.right == "yes" and only.place == "line 3"


def test_answers_over_several_lines(tmp_path: Path, problem_file: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('student,problem,answer\nada,ls,"2*A.T @\n (A @ x - b)"\nbob,ls,"2*A.T @ A @ x"\n')
    found = mark(path, problem_file).judgements
    assert [each.place for each in found] == ["line 2", "line 4"] and found[1].right == "no"


def test_oddities_are_mentioned(tmp_path: Path, problem_file: Path) -> None:
    rows = [
        ("student", "problem", "answer", "mail"),
        ("ada", "ls", "x", "a@b"),
        ("ada", "ls", "x", "a@b"),
        ("bob", "ls", "b", ""),
    ]
    found = mark(write_csv(tmp_path / "a.csv", rows), problem_file)
    assert found.notes == (
        "ada has 2 answers to problem ls (line 2, line 3): each is judged",
        "not used: mail",
    )
    assert len({each.key for each in found.judgements}) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"student,problem\nada,ls\n", "no column `answer`"),
        (b"student,student,answer\na,b,c\n", "`student` stands twice"),
        (b"student,,answer\na,b,c\n", "a column has no name"),
        (b"student,answer\nada,\xff\xfa\n", "line 2: this is no text in UTF-8"),
        (b"student,answer\nada,x\0y\n", "line 2: there is a zero byte"),
        (b'student,answer\nada,x\nbob,"2*x\ncay,x\n', "line 3: unexpected end of data"),
        (b'student,answer\nada,"x"y\n', "line 2: "),
        (b"student,answer\n", "holds no answers"),
        (b"student,problem,answer\nada,one,x\n", "line 2: there is no problem `one`"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(HesseError) as caught:
        mark(path)
    assert said in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "line 1: this is not JSON"),
        ("a.json", '{"answers": [], "answers": []}', "stands twice"),
        ("a.json", '{"rows": []}', "neither answers nor problems"),
        ("a.json", '{"answers": [], "rows": []}', "`rows` has no meaning"),
        ("a.json", '{"answers": 3}', "must be a list"),
        ("a.json", '{"problems": {"a": {"function": "x", "weight": 3}}, "answers": []}', "`weight` is no field"),
        ("a.json", '{"problems": {"a": {"wrt": "x"}}, "answers": []}', "the function is missing"),
        ("a.json", '{"problems": {"a": {"function": "x*("}}, "answers": []}', "problem a"),
        ("a.json", '{"problems": {"a": {"function": "x", "kind": "slope"}}, "answers": []}', "no kind 'slope'"),
        ("a.json", '{"problems": {"a": {"function": "x", "accept": "all"}}, "answers": []}', "nothing called 'all'"),
        ("a.json", '{"problems": {"a": {"function": "x", "wrt": "z"}}, "answers": []}', "problem a"),
        ("a.json", "[" * 100000, "nested too deeply"),
        ("a.toml", "answers = ", "is not TOML"),
        ("a.xlsx", "PK", "files ending in .xlsx are not read"),
    ],
)
def test_nested_files_that_cannot_be_used(tmp_path: Path, name: str, content: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(HesseError) as caught:
        mark(path)
    assert said in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(HesseError, match="cannot be read"):
        mark(tmp_path / "none.csv")


def test_results_come_one_by_one_and_are_taken_up_again(tmp_path: Path, problem_file: Path) -> None:
    path = write_csv(tmp_path / "answers.csv", [HEAD, *(row[:4] for row in ANSWERS)])
    output = tmp_path / "results.csv"

    class Stop(Exception):
        pass

    def until_four(tasks: Sequence[Task]) -> Iterator[Task]:
        for k, task in enumerate(tasks):
            if k == 4:
                raise Stop
            yield task
            assert len(output.read_text().splitlines()) == k + 2

    with pytest.raises(Stop):
        mark(path, problem_file, output, progress=until_four)
    with output.open("a") as file:
        file.write("line 6,layer,eve,A.T,ye")  # a line that was cut off
    left: list[str] = []

    def watched(tasks: Sequence[Task]) -> Iterator[Task]:
        left.extend(task.field("student") for task in tasks)
        yield from tasks

    found = mark(path, problem_file, output, progress=watched)
    assert found.taken == 4 and left == [row[0] for row in ANSWERS[4:]]
    assert outcomes(found) == {row[0]: row[4] for row in ANSWERS}
    assert found == Marked(mark(path, problem_file).judgements, 4, found.notes)
    with output.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["student"] for row in written] == [row[0] for row in ANSWERS]
    assert [row["right"] for row in written] == [row[4] for row in ANSWERS]
    assert mark(path, problem_file, output).taken == len(ANSWERS)


def test_changed_problems_and_moved_rows(tmp_path: Path, problem_file: Path) -> None:
    output = tmp_path / "results.csv"
    path = write_csv(tmp_path / "answers.csv", [HEAD, *(row[:4] for row in ANSWERS[:3])])
    mark(path, problem_file, output)
    moved = write_csv(tmp_path / "answers.csv", [HEAD, *(row[:4] for row in reversed(ANSWERS[:4]))])
    found = mark(moved, problem_file, output)
    assert found.taken == 3 and [each.place for each in found.judgements] == [f"line {k}" for k in range(2, 6)]
    problem_file.write_text(json.dumps({"problems": {**PROBLEMS, "ls": {**PROBLEMS["ls"], "wrt": "b"}}}))
    again = mark(moved, problem_file, output)
    assert again.taken == 1 and outcomes(again)["ada"] == "no"


def test_formulas_of_spreadsheets_are_texts(tmp_path: Path) -> None:
    rows = [("function", "declarations", "student", "answer"), ("sum(-x)", "x:n", "=cmd()", "-ones(n)")]
    output = tmp_path / "r.csv"
    path = write_csv(tmp_path / "a.csv", rows)
    first = mark(path, None, output)
    assert "'=cmd()" in output.read_text() and "'-ones(n)" in output.read_text()
    assert mark(path, None, output).judgements == first.judgements


def test_a_foreign_file_is_not_written_to(tmp_path: Path, problem_file: Path) -> None:
    path = write_csv(tmp_path / "answers.csv", [HEAD, ANSWERS[0][:4]])
    other = write_csv(tmp_path / "other.csv", [HEAD, ANSWERS[0][:4]])
    before = other.read_bytes()
    with pytest.raises(HesseError, match="holds no results"):
        mark(path, problem_file, other)
    assert other.read_bytes() == before
    with pytest.raises(HesseError, match="cannot be written"):
        mark(path, problem_file, tmp_path / "none" / "r.csv")


@pytest.mark.parametrize("content", [b"my only copy of the grades", b"[1, 2]", b"\xff\xfe", b"problem,student\n1,2\n"])
def test_a_foreign_file_keeps_its_content(tmp_path: Path, problem_file: Path, content: bytes) -> None:
    path = tmp_path / "grades.txt"
    path.write_bytes(content)
    with pytest.raises(HesseError, match="holds no results"):
        Results(path)
    assert path.read_bytes() == content


def test_results_are_not_written_into_what_is_read(tmp_path: Path, problem_file: Path) -> None:
    earlier = tmp_path / "earlier.csv"
    Results(earlier).close()
    linked = tmp_path / "linked.csv"
    linked.symlink_to(earlier)
    for answers, problems, output in (
        (earlier, problem_file, earlier),
        (earlier, problem_file, linked),
        (earlier, problem_file, problem_file),
    ):
        before = output.read_bytes()
        with pytest.raises(HesseError, match="is read"):
            mark(answers, problems, output)
        assert output.read_bytes() == before


@pytest.mark.parametrize("content", ["place", RESULTS_HEAD[:5], RESULTS_HEAD[:-1], RESULTS_HEAD.upper()])
def test_a_file_that_begins_like_results_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "results.csv"
    path.write_text(content)
    with pytest.raises(HesseError, match="holds no results"):
        Results(path)
    assert path.read_text() == content


def test_a_torn_file_of_results_is_taken_up(tmp_path: Path) -> None:
    for content in ("", RESULTS_HEAD, RESULTS_HEAD + "torn"):
        path = tmp_path / "results.csv"
        path.write_text(content)
        Results(path).close()
        assert path.read_text() == RESULTS_HEAD


def test_a_defect_does_not_stop_the_rest(tmp_path: Path, problem_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = run.judged

    def check(*arguments: object) -> object:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("hesse.checking.hand_ins.judging.check", check)
    path = write_csv(tmp_path / "answers.csv", [HEAD, *(row[:4] for row in ANSWERS[:2])])
    found = mark(path, problem_file)
    assert original is run.judged
    assert [each.right for each in found.judgements] == ["undecided", "undecided"]
    assert "defect of hesse: ZeroDivisionError: boom" in found.judgements[0].diagnosis


def test_texts_and_outcomes() -> None:
    plain = Judgement("line 2", "1", "a\nb", "x", "no", "different", ("sign", "layout"), "d", "c", "k")
    assert Judgement.of_cells(plain.cells()) == Judgement(
        "line 2", "1", "a b", "x", "no", "different", ("sign", "layout"), "d", "c", "k"
    )
