"""The command line, run as its users run it."""

import gc
import importlib.metadata
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sk_xavier.__main__ as command_line
from sk_xavier import XavierMLPClassifier, signal_propagation
from sk_xavier.__main__ import main
from sk_xavier._command_line import make_painter, write_file

QUICK = ["--cv", "2", "--repeats", "1", "--max-iter", "20", "--hidden", "8", "--n-jobs", "1"]
FIVE = ["constant", "uniform", "normal", "glorot_uniform", "glorot_normal"]
ESCAPE = "\x1b["


def run(*arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "sk_xavier", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (env or {}),
        **options,
    )


def run_in_terminal(*arguments, env=None, keys=None):
    """Run on a pseudo-terminal; `keys` are typed once the text before them was seen."""
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    environment = {"TERM": "xterm", **os.environ, "NO_COLOR": "", **(env or {})}

    def take_the_terminal():
        import fcntl
        import termios

        os.setsid()
        fcntl.ioctl(its, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = subprocess.Popen(
        [sys.executable, "-m", "sk_xavier", *arguments],
        stdin=its,
        stdout=its,
        stderr=its,
        env=environment,
        preexec_fn=take_the_terminal,
    )
    os.close(its)
    seen = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux has no end of file here
            break
        if not part:
            break
        seen += part
        if keys and keys[0] in seen:
            os.write(ours, keys[1])
            keys = None
    os.close(ours)
    return process.wait(), seen.decode()


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


@pytest.fixture
def no_training(monkeypatch):
    """Whatever takes long must not begin."""

    def begin(*_, **__):
        raise AssertionError("too late")

    monkeypatch.setattr(command_line, "signal_propagation", begin)
    monkeypatch.setattr(command_line, "run_comparison", begin)


def parts(out):
    """What `compare` prints: a title, a line for each start, head and rows of the table, notes."""
    title, _, *lines = out.splitlines()
    n_inits = next(i for i, line in enumerate(lines) if not line.startswith("  "))
    head, *rows = lines[n_inits + 1 : n_inits + 2 + n_inits]
    return title, lines[:n_inits], head, rows, lines[n_inits + 2 + n_inits :]


# --- compare


def test_compare_prints_a_table():
    done = run("compare", "iris", *QUICK)
    assert done.returncode == 0
    title, starts, head, rows, notes = parts(done.stdout)
    assert "iris: 150 samples, 4 features, 3 classes" in title
    assert [line.split()[0] for line in starts] == FIVE
    assert starts[0].split()[1] == "symmetric:"
    assert "init='constant' makes all 8 units of layer 1 the same function" in starts[0]
    assert all(line.split()[1] == "healthy:" for line in starts[1:])
    assert head.split()[:3] == ["initializer", "rank", "accuracy"]
    assert head.split()[-3:] == ["epochs", "seconds", "failed"]
    assert sorted(row.split()[0] for row in rows) == sorted(FIVE)
    for rank, row in enumerate(rows, 1):
        _, shown_rank, mean, low, to, high, *difference, epochs, seconds, failed = row.split()
        assert int(shown_rank) == rank
        assert float(low) <= float(mean) <= float(high)
        assert to == "to"
        assert ("best" in difference) == (rank == 1)
        assert int(epochs) == 20
        assert float(seconds) >= 0
        assert failed == "0/2"
    means = [float(row.split()[2]) for row in rows]
    assert means == sorted(means, reverse=True)
    assert notes[-1] == "no run converged; a larger max_iter may help"
    assert "10/10 fits: glorot_normal" in done.stderr
    assert ESCAPE not in done.stdout


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_every_data_set(name, capsys):
    assert main(["compare", name, "--init", "auto", *QUICK]) == 0
    assert f"{name}: " in capsys.readouterr().out


def test_options_reach_the_network(capsys):
    arguments = ["compare", "wine", "--init", "he_normal,zeros", "orthogonal", "--init", "auto"]
    arguments += ["--activation", "tanh", "--hidden", "9", "7,5", "--solver", "lbfgs"]
    arguments += ["--cv", "3", "--repeats", "2", "--seed", "4", "--n-jobs", "2", "--max-iter", "9"]
    assert main(arguments) == 0
    title, starts, _, rows, _ = parts(capsys.readouterr().out)
    assert "hidden units 9-7-5, tanh, lbfgs; 3 folds x 2 seed(s)" in title
    inits = ["he_normal", "zeros", "orthogonal", "auto"]
    assert [line.split()[0] for line in starts] == inits
    assert sorted(row.split()[0] for row in rows) == sorted(inits)
    assert all(row.endswith("0/6") for row in rows)


def test_one_seed_one_table(capsys):
    tables = []
    for seed in ("1", "1", "2"):
        main(["compare", "iris", "--seed", seed, *QUICK])
        _, _, _, rows, _ = parts(capsys.readouterr().out)
        tables.append([row.split()[:-2] for row in rows])  # all but the seconds and failures
    assert tables[0] == tables[1] != tables[2]


def test_fits_that_fail_are_shown(table, capsys):
    path = table("a,b\n" + "\n".join(f"{i},{i * 1e200 + 0.5e150}" for i in range(20)))
    assert main(["compare", path, "--target", "b", "--init", "normal", *QUICK]) == 1
    captured = capsys.readouterr()
    assert "normal failed: ValueError: Training diverged" in captured.out
    assert "2 of 2 fits failed" in captured.err


WITHOUT_OPTIONAL_PACKAGES = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("matplotlib", "pandas"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from sk_xavier.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_matplotlib_and_pandas(tmp_path):
    command = [sys.executable, "-c", WITHOUT_OPTIONAL_PACKAGES, "compare", "iris", *QUICK]
    command += ["--json", str(tmp_path / "found.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "glorot_uniform" in done.stdout


# --- diagnose


def test_diagnose_prints_what_signal_propagation_finds(capsys):
    assert (
        main(["diagnose", "iris", "--init", "constant", "--hidden", "7", "5", "--seed", "3"]) == 0
    )
    network = XavierMLPClassifier((7, 5), init="constant", random_state=3)
    pipeline = make_pipeline(StandardScaler(), network)
    expected = signal_propagation(pipeline, *load_iris(return_X_y=True), random_state=3)
    title, empty, *lines = capsys.readouterr().out.splitlines()
    assert title.startswith("iris: 150 samples, 4 features, 3 classes; hidden units 7-5, relu")
    assert empty == ""
    assert "\n".join(lines) == str(expected)
    assert expected.verdict == "symmetric"


def test_the_default_start_is_the_estimators(capsys):
    assert main(["diagnose", "wine"]) == 0
    out = capsys.readouterr().out
    assert f"init={XavierMLPClassifier().init!r}" in out
    assert "verdict: healthy: " in out


def test_verdicts_of_several_starts_are_summarized(capsys):
    arguments = ["diagnose", "digits", "--activation", "tanh", "--hidden", *["60"] * 8]
    assert main([*arguments, "--init", "constant", "uniform,glorot_uniform"]) == 0
    whole, end = capsys.readouterr().out.split("\nverdicts:\n")
    words = [line.split()[:2] for line in end.splitlines()]
    assert words == [
        ["constant", "symmetric:"],
        ["uniform", "vanishing:"],
        ["glorot_uniform", "healthy:"],
    ]
    assert [line.split()[1] for line in whole.splitlines() if line.startswith("verdict: ")] == [
        word for _, word in words
    ]


def test_a_start_that_fails_ends_no_other(monkeypatch, capsys, tmp_path):
    def refuse_normal(pipeline, *data, **options):
        if pipeline[-1].init == "normal":
            raise ValueError("no normal start\nand more")
        return signal_propagation(pipeline, *data, **options)

    monkeypatch.setattr(command_line, "signal_propagation", refuse_normal)
    assert main(["diagnose", "iris", "--init", "normal", "uniform"]) == 0
    first, last = capsys.readouterr().out.splitlines()[-2:]
    assert first.split(maxsplit=1) == ["normal", "failed: ValueError: no normal start"]
    assert last.split()[:2] == ["uniform", "healthy:"]

    path = tmp_path / "found.json"
    assert main(["diagnose", "iris", "--init", "normal", "--json", str(path)]) == 1
    assert "failed: ValueError: no normal start" in capsys.readouterr().out
    assert path.exists()


def test_numbers_to_predict_are_diagnosed(table, capsys):
    path = table("a;b\n" + "\n".join(f"{i};{i / 7}" for i in range(20)))
    assert main(["diagnose", path, "--target", "b"]) == 0
    assert "XavierMLPRegressor" in capsys.readouterr().out


# --- data


def test_a_csv_file_with_text_labels(table, capsys):
    assert main(["compare", table(), "--target", "bought", "--init", "auto", *QUICK]) == 0
    out = capsys.readouterr().out
    assert "table.csv: 40 samples, 2 features, 2 classes" in out
    assert "accuracy" in out


def test_a_csv_file_with_numbers_to_predict(table, capsys):
    path = table("a;b\n" + "\n".join(f"{i};{i / 7}" for i in range(20)))
    assert main(["compare", path, "--target", "b", "--init", "auto", *QUICK]) == 0
    out = capsys.readouterr().out
    assert "a number" in out
    assert "R²" in out


ONE_MISSING = "size,price,bought\n" + "1.5,2,yes\n2.5,3,no\n" * 9 + "0.5,{},yes\n"


@pytest.mark.parametrize("command", [["compare", *QUICK], ["diagnose"]])
@pytest.mark.parametrize("value", ["", "NA", "nan", "?", " null "])
def test_a_text_target_and_a_missing_value(command, value, table, capsys):
    path = table(ONE_MISSING.format(value))
    assert main([command[0], path, "--target", "bought", *command[1:]]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "python -m sk_xavier: error: column 'price' of 'table.csv' has a missing value in row 19;"
        " fill such values in or leave the rows out\n"
    )
    path = table(ONE_MISSING.format("4"))
    assert main([command[0], path, "--target", "bought", *command[1:]]) == 0


BAD_TABLES = [
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
]


@pytest.mark.parametrize("command", [["compare", *QUICK], ["diagnose"]])
@pytest.mark.parametrize(("text", "arguments", "problem"), BAD_TABLES)
def test_bad_tables_give_one_line_and_exit_code_2(command, text, arguments, problem, table, capsys):
    assert main([command[0], table(text), *arguments, *command[1:]]) == 2
    assert_one_line(capsys, problem)


def assert_one_line(capsys, problem):
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("python -m sk_xavier: error: ")
    assert problem in line


@pytest.mark.parametrize(
    ("command", "text", "problem"),
    [
        (["compare", *QUICK], "a,b\n" + "1,x\n" * 9 + "2,y\n", "class y has 1 samples, fewer than"),
        (["compare", *QUICK], "a,b\n1,0.5\n2,0.7\n", "2 samples are too few for 2 folds"),
        (["diagnose"], "a,b\n1,0.5\n", "1 sample is too few"),
    ],
)
def test_too_few_samples(command, text, problem, table, capsys):
    assert main([command[0], table(text), "--target", "b", *command[1:]]) == 2
    assert_one_line(capsys, problem)


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


def test_integers_may_be_numbers_to_predict(table, capsys):
    path = table("a,b\n" + "\n".join(f"{i},{2 * i}" for i in range(30)))
    arguments = ["compare", path, "--target", "b", "--init", "auto", *QUICK]
    assert main([*arguments, "--regression"]) == 0
    assert "R²" in capsys.readouterr().out
    assert main(arguments) == 2
    assert main(["compare", table(), "--target", "bought", "--regression"]) == 2


# --- options and terminals


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--init", "glorot"], "unknown initializer 'glorot'; choose from auto, constant"),
        (["--hidden", "ten"], "must be numbers of units such as 100 or 64,32, got 'ten'"),
        (["--cv", "1"], "must be an int of at least 2"),
        (["--repeats", "0"], "must be an int of at least 1"),
        (["--seed", "4294967296"], "must be an int below 2**32"),
        (["--n-jobs", "0"], "must be an int other than 0"),
        (["--activation", "sigmoid"], "invalid choice: 'sigmoid'"),
        (["--target", "y"], "--target is for CSV files"),
    ],
)
def test_bad_options_exit_with_2(arguments, problem, no_training, capsys):
    try:
        code = main(["compare", "iris", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert problem in capsys.readouterr().err


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"sk_xavier {importlib.metadata.version('sk-xavier')}\n"


@pytest.mark.parametrize("command", ["compare", "diagnose"])
def test_help_tells_options_and_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for option in (
        "--target",
        "--regression",
        "--init",
        "--hidden",
        "--plot",
        "--json",
        "--report",
    ):
        assert option in text
    assert "exit code: 0 " in text
    assert "; 130 for Ctrl-C." in text
    assert ("0 whatever the verdicts" in text) == (command == "diagnose")


def test_a_terminal_without_the_sign(table):
    path = table("a;b\n" + "\n".join(f"{i};{i / 7}" for i in range(20)))
    arguments = ["compare", path, "--target", "b", "--init", "auto", *QUICK]
    done = run(*arguments, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "R?" in done.stdout


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(env, coloured, monkeypatch):
    pty = pytest.importorskip("pty")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    ours, its = pty.openpty()
    with os.fdopen(its, "w") as terminal:
        assert (make_painter(terminal)("healthy", "good") != "healthy") == coloured
    os.close(ours)
    with open(os.devnull, "w") as file:
        assert make_painter(file)("healthy", "good") == "healthy"


@pytest.mark.parametrize("command", [["compare", *QUICK], ["diagnose"]])
def test_the_words_that_have_a_colour(command, monkeypatch, capsys):
    monkeypatch.setattr(
        command_line, "make_painter", lambda _: lambda text, style: f"<{style}>{text}</>"
    )
    assert main([command[0], "iris", "--init", "constant", "auto", *command[1:]]) == 0
    painted = re.findall("<(.*?)>(.*?)</>", capsys.readouterr().out)
    if command[0] == "compare":
        style, row = painted.pop()
        assert (style, row.split()[1]) == ("best", "1")
    else:
        assert painted[:2] == painted[2:]  # with the numbers, and summarized
    assert painted[-2:] == [("bad", "symmetric"), ("good", "healthy")]


def test_colour_on_a_terminal_and_never_in_files(tmp_path):
    path = tmp_path / "found.json"
    arguments = ["compare", "iris", "--init", "constant", "auto", *QUICK, "--json", str(path)]
    code, seen = run_in_terminal(*arguments)
    assert code == 0
    assert "\x1b[31msymmetric\x1b[0m: init='constant'" in seen
    assert "\x1b[32mhealthy\x1b[0m: " in seen
    best = [line for line in seen.splitlines() if line.startswith("\x1b[1m")]
    assert len(best) == 1
    assert best[0].split()[1] == "1"
    assert best[0].endswith("\x1b[0m")
    assert ESCAPE not in path.read_text("utf-8")

    code, seen = run_in_terminal("diagnose", "iris", "--init", "constant", env={"NO_COLOR": "1"})
    assert code == 0
    assert "verdict: symmetric: " in seen
    assert ESCAPE not in seen


def test_ctrl_c_ends_it(tmp_path):
    arguments = ["compare", "digits", "--n-jobs", "2", "--json", str(tmp_path / "found.json")]
    code, seen = run_in_terminal(*arguments, keys=(b"/75 fits", b"\x03"))
    assert code == 130
    assert seen.splitlines()[-1] == "interrupted"
    assert "Traceback" not in seen
    assert "Warning" not in seen
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_looking_at_starts(monkeypatch, capsys, tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "signal_propagation", interrupted)
    assert main(["diagnose", "iris", "--json", str(tmp_path / "found.json")]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_fits_are_waiting(monkeypatch, capfd):
    def interrupt(run, n_done, n_runs):
        if n_done == 2:
            time.sleep(0.5)  # so that others are done, too
            raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "_make_progress", lambda: interrupt)
    assert main(["compare", "iris", *QUICK, "--n-jobs", "2"]) == 130
    gc.collect()
    assert capfd.readouterr().err == "interrupted\n"


def test_whoever_reads_may_leave():
    command = [sys.executable, "-m", "sk_xavier", "diagnose", "iris"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(os.name == "nt", reason="streams are closed by a POSIX shell")
def test_closed_streams_are_no_error(tmp_path):
    path = tmp_path / "found.json"
    command = [sys.executable, "-m", "sk_xavier", "compare", "iris", "--init", "auto", *QUICK]
    command += ["--n-jobs", "2", "--json", str(path)]
    done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *command], check=False)
    assert done.returncode == 0
    assert path.exists()


# --- files


@pytest.mark.parametrize("command", [["compare", *QUICK], ["diagnose"]])
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--plot", "picture.jpg"], "--plot 'picture.jpg' must end in .png, .svg, .pdf"),
        (["--plot", "picture"], "--plot 'picture' must end in .png, .svg, .pdf"),
        (["--json", "nowhere/found.json"], "--json 'nowhere/found.json': there is no folder"),
        (["--report", "folder"], "--report 'folder' is a folder; give a file"),
        (["--json", ""], "--json '' is a folder; give a file"),
        (["--json", "table.csv/found.json"], "--json 'table.csv/found.json' cannot be written: "),
        (["--report", "a" * 300], "cannot be written: "),
        (["--json", "same", "--report", "folder/../same"], "--json and --report are the same file"),
        (["--json", "table.csv"], "--json 'table.csv' would overwrite the data"),
    ],
)
def test_files_that_cannot_be_written_are_refused_at_once(
    command, arguments, problem, table, tmp_path, no_training, monkeypatch, capsys
):
    pytest.importorskip("matplotlib")
    table()
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    code = main([command[0], "table.csv", "--target", "bought", *command[1:], *arguments])
    assert code == 2
    assert_one_line(capsys, problem)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "table.csv"]


@pytest.mark.parametrize("name", ["old.json", "new.json"])
def test_files_without_permission_are_refused_at_once(name, tmp_path, no_training, capsys):
    (tmp_path / "old.json").touch(mode=0o400)
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write anywhere")
    assert main(["diagnose", "iris", "--json", str(tmp_path / name)]) == 2
    assert_one_line(capsys, name)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_a_folder_that_takes_no_files(no_training, capsys):
    assert main(["diagnose", "iris", "--json", "/proc/found.json"]) == 2
    assert_one_line(capsys, "--json '/proc/found.json' cannot be written: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_costs_one_file_only(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    plot = tmp_path / "picture.svg"
    assert main(["diagnose", "iris", "--json", "/dev/full", "--plot", str(plot)]) == 2
    captured = capsys.readouterr()
    assert "verdict: healthy" in captured.out
    assert "error: cannot write '/dev/full': No space left on device" in captured.err
    assert plot.exists()


@pytest.mark.parametrize("option", ["--plot", "--report"])
@pytest.mark.parametrize("command", ["compare", "diagnose"])
def test_without_matplotlib(command, option, tmp_path, no_training, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    assert main([command, "iris", option, str(tmp_path / "picture.png")]) == 2
    assert_one_line(capsys, 'pip install "sk-xavier[plot]"')
    extras = importlib.metadata.metadata("sk-xavier").get_all("Provides-Extra")
    assert "plot" in extras


def test_numbers_need_no_matplotlib(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = tmp_path / "found.json"
    assert main(["diagnose", "iris", "--json", str(path)]) == 0
    assert path.stat().st_size > 0


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG\r\n"), ("SVG", b"<?xml"), ("pdf", b"%PDF-")]
)
@pytest.mark.parametrize("command", [["compare", *QUICK], ["diagnose"]])
def test_the_suffix_decides_the_format(command, suffix, start, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"picture.{suffix}"
    arguments = [command[0], "iris", "--init", "constant", "auto", *command[1:]]
    assert main([*arguments, "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


def test_pictures_leave_pyplot_alone(tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    arguments = ["diagnose", "iris", "--plot", str(tmp_path / "a.png")]
    assert main([*arguments, "--report", str(tmp_path / "a.html")]) == 0
    assert plt.get_fignums() == before


def test_a_picture_has_a_row_for_each_start(tmp_path):
    plt = pytest.importorskip("matplotlib.pyplot")
    heights = []
    for inits in (["auto"], ["auto", "normal", "uniform"]):
        path = tmp_path / "picture.png"
        assert main(["diagnose", "iris", "--init", *inits, "--plot", str(path)]) == 0
        heights.append(plt.imread(path).shape[0])
    assert heights[1] == 3 * heights[0]


def test_what_was_there_stays_until_all_is_written(tmp_path, monkeypatch):
    path = tmp_path / "found.json"
    path.write_text("old")
    path.chmod(0o640)
    write_file(path, b"new")
    assert path.read_text() == "new"
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o640

    write_bytes = Path.write_bytes

    def interrupted(self, content):
        write_bytes(self, content[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, b"newer")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_stays_a_link(tmp_path):
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    link.symlink_to(target)
    assert main(["diagnose", "iris", "--json", str(link)]) == 0
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.stat().st_size > 0


def test_warnings_of_fits_are_told_in_a_line(monkeypatch, capsys):
    whole = command_line.run_comparison

    def warn_and_compare(*arguments, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("something odd", RuntimeWarning, stacklevel=2)
        return whole(*arguments, **options)

    monkeypatch.setattr(command_line, "run_comparison", warn_and_compare)
    assert main(["compare", "iris", "--init", "auto", *QUICK]) == 0
    assert "warning: something odd\n" in capsys.readouterr().err
