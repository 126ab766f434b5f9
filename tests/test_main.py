"""The command line, run as its users run it."""

import os
import subprocess
import sys

import pytest

from sk_xavier.__main__ import main

QUICK = ["--cv", "2", "--repeats", "1", "--max-iter", "20", "--hidden", "8"]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sk_xavier", *arguments], capture_output=True, text=True, check=False
    )


def run_with_ascii(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sk_xavier", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )


@pytest.fixture
def table(tmp_path):
    """A CSV file of two clear clusters, written by `table(text)` or as it is."""

    def write(text=None):
        if text is None:
            rows = [f"{i % 2 + i / 100},{-(i % 2)},{'yes' if i % 2 else 'no'}" for i in range(40)]
            text = "size,weight,bought\n" + "\n".join(rows) + "\n"
        path = tmp_path / "table.csv"
        path.write_text(text)
        return str(path)

    return write


def test_compare_prints_a_table():
    done = run("compare", "iris", *QUICK)
    assert done.returncode == 0
    title, header, *rows = done.stdout.splitlines()
    assert "iris: 150 samples, 4 features, 3 classes" in title
    assert header.split() == ["initializer", "accuracy", "final", "loss", "epochs", "seconds"]
    assert [row.split()[0] for row in rows] == [
        "constant",
        "uniform",
        "normal",
        "glorot_uniform",
        "glorot_normal",
    ]
    for row in rows:
        _, mean, sign, std, loss, epochs, seconds = row.split()
        assert 0 <= float(mean) <= 1
        assert sign == "±"
        assert float(std) >= 0
        assert float(loss) > 0
        assert int(epochs) == 20
        assert float(seconds) >= 0
    assert "10/10 fits: glorot_normal" in done.stderr


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_every_data_set(name, capsys):
    assert main(["compare", name, "--init", "auto", *QUICK]) == 0
    assert f"{name}: " in capsys.readouterr().out


def test_options_reach_the_network(capsys):
    arguments = ["compare", "wine", "--init", "he_normal,zeros", "orthogonal", "--init", "auto"]
    arguments += ["--activation", "tanh", "--hidden", "9", "7,5", "--solver", "lbfgs"]
    arguments += ["--cv", "3", "--repeats", "2", "--seed", "4", "--n-jobs", "2", "--max-iter", "9"]
    assert main(arguments) == 0
    title, _, *rows = capsys.readouterr().out.splitlines()
    assert "hidden units 9-7-5, tanh, lbfgs; 3 folds x 2 seed(s)" in title
    assert [row.split()[0] for row in rows] == ["he_normal", "zeros", "orthogonal", "auto"]


def test_one_seed_one_table(capsys):
    tables = []
    for seed in ("1", "1", "2"):
        main(["compare", "iris", "--seed", seed, *QUICK])
        rows = capsys.readouterr().out.splitlines()[2:]
        tables.append([row.split()[:-1] for row in rows])  # all but the seconds
    assert tables[0] == tables[1] != tables[2]


def test_a_csv_file_with_text_labels(table, capsys):
    assert main(["compare", table(), "--target", "bought", "--init", "auto", *QUICK]) == 0
    out = capsys.readouterr().out
    assert "table.csv: 40 samples, 2 features, 2 classes" in out
    assert "accuracy" in out


def test_a_csv_file_with_numbers_to_predict(table, capsys):
    assert (
        main(
            [
                "compare",
                table("a;b\n" + "\n".join(f"{i};{i / 7}" for i in range(20))),
                "--target",
                "b",
                "--init",
                "auto",
                *QUICK,
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "a number" in out
    assert "R²" in out


@pytest.mark.parametrize(
    ("text", "arguments", "problem"),
    [
        (None, [], "needs --target COLUMN; the columns are size, weight, bought"),
        (None, ["--target", "price"], "has no column 'price'; the columns are size, weight"),
        (None, ["--target", "size"], "column 'bought' of 'table.csv' is not numeric: row 1"),
        ("a,b\n1,x\n,y\n", ["--target", "b"], "column 'a' of 'table.csv' has a missing value in"),
        ("a,b\n1,x\n2,\n", ["--target", "b"], "column 'b' of 'table.csv' has a missing value in"),
        ("a,b\n1,x\ninf,y\n", ["--target", "b"], "column 'a' of 'table.csv' is not numeric"),
        ("a,b\n1,x\n2\n", ["--target", "b"], "row 2 of"),
        ("a,b\n", ["--target", "b"], "needs a header line and rows of data"),
        ("", ["--target", "b"], "needs a header line and rows of data"),
        ("b\n1\n2\n", ["--target", "b"], "has no column beside the target"),
        ("a,b,b\n1,2,3\n", ["--target", "b"], "has more than one column 'b'"),
        ("a,b\n" + "1,x\n" * 9, ["--target", "b"], "one class only: x"),
        ("a,b\n" + "1,x\n" * 9 + "2,y\n", ["--target", "b"], "class y has 1 samples, fewer than"),
        ("a,b\n1,0.5\n2,0.7\n", ["--target", "b"], "2 samples are too few for 2 folds"),
    ],
)
def test_bad_tables_give_one_line_and_exit_code_2(text, arguments, problem, table, capsys):
    assert main(["compare", table(text), *arguments, *QUICK]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("python -m sk_xavier: error: ")
    assert problem in line


def test_a_missing_file_gives_one_line_and_exit_code_2(tmp_path):
    done = run("compare", str(tmp_path / "nothing.csv"), "--target", "y")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "no data set or file" in line
    assert "iris, wine, breast_cancer, digits" in line


def test_a_file_that_is_no_text(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xff\xfe\x00\x80" * 100)
    assert main(["compare", str(path), "--target", "y"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--init", "glorot"], "unknown initializer 'glorot'; choose from auto, constant"),
        (["--hidden", "ten"], "must be numbers of units such as 100 or 64,32, got 'ten'"),
        (["--cv", "1"], "must be an int of at least 2"),
        (["--repeats", "0"], "must be an int of at least 1"),
        (["--activation", "sigmoid"], "invalid choice: 'sigmoid'"),
        (["--target", "y"], "--target is for CSV files"),
    ],
)
def test_bad_options_exit_with_2(arguments, problem, capsys):
    try:
        code = main(["compare", "iris", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert problem in capsys.readouterr().err


def test_fits_that_fail_are_shown(table, capsys):
    path = table("a,b\n" + "\n".join(f"{i},{i * 1e200 + 0.5e150}" for i in range(20)))
    assert main(["compare", path, "--target", "b", "--init", "normal", *QUICK]) == 1
    captured = capsys.readouterr()
    assert "failed" in captured.out
    assert "normal failed: ValueError: Training diverged" in captured.err


def test_integers_may_be_numbers_to_predict(table, capsys):
    path = table("a,b\n" + "\n".join(f"{i},{2 * i}" for i in range(30)))
    arguments = ["compare", path, "--target", "b", "--init", "auto", *QUICK]
    assert main([*arguments, "--regression"]) == 0
    assert "R²" in capsys.readouterr().out
    assert main(arguments) == 2
    assert main(["compare", table(), "--target", "bought", "--regression"]) == 2


def test_a_terminal_without_the_sign(tmp_path):
    done = run_with_ascii("compare", "iris", "--init", "auto", *QUICK)
    assert done.returncode == 0
    assert "auto" in done.stdout
