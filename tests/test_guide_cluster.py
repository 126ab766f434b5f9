"""What the guide's chapter on clusters claims of its runs."""

import re
import textwrap

import pytest
from joblib import parallel_config
from scripts import CHAPTERS, numbers, printed_by
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from sk_xavier import XavierMLPClassifier


@pytest.mark.dask
def test_the_same_results_and_a_dead_worker():
    printed = printed_by("guide/cluster")
    assert "workers: 2\n" in printed
    assert "the same scores: True, True\nthe same comparison: True\n" in printed
    rounds = [int(n) for n in re.findall(r"\d+", printed.split("each round: ")[1].split("\n")[0])]
    assert rounds == sorted(rounds, reverse=True)
    assert numbers(r"killed: (\d) of (\d) workers", printed).tolist() == [[1, 2]]
    assert "the same scores as without: True" in printed


@pytest.mark.dask
def test_errors_where_there_is_no_cluster():
    printed = printed_by("guide/cluster")
    assert "nobody listens:\n  OSError:\n    Timed out trying to connect to tcp://127" in printed
    assert "no workers:\n  TimeoutError:\n    DaskDistributedBackend has no worker" in printed
    assert "no client:\n  ValueError:\n    To use Joblib with Dask first create" in printed


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ray_as_in_the_text():
    ray = pytest.importorskip("ray")
    text = (CHAPTERS / "guide" / "cluster.py").read_text("utf-8")
    [block] = re.findall(r"# \.\. code-block:: python\n#\n((?:#(?:     .*)?\n)+)", text)
    code = textwrap.dedent("".join(line[1:] + "\n" for line in block.splitlines()))
    X, y = load_iris(return_X_y=True)
    mlp = XavierMLPClassifier((5,), max_iter=3, random_state=0)
    names = {
        "GridSearchCV": GridSearchCV,
        "parallel_config": parallel_config,
        "mlp": mlp,
        "grid": {"alpha": [0.1, 1.0]},
        "X": X,
        "y": y,
    }
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        exec(code.replace("ray.init()", "pass"), names)
    finally:
        ray.shutdown()
    here = GridSearchCV(mlp, {"alpha": [0.1, 1.0]}, cv=3).fit(X, y)
    assert (
        names["search"].cv_results_["mean_test_score"].tolist()
        == here.cv_results_["mean_test_score"].tolist()
    )
