"""The first chapters show what they say they show."""

import re

from scripts import numbers, printed_by


def test_tour():
    printed = printed_by("start/tour")
    accuracies = numbers(r"^accuracy: +(\S+)$", printed)
    assert len(accuracies) == 3
    assert accuracies[0] > 0.94
    assert accuracies[1] < 0.2  # one class of ten for everything
    assert accuracies[2] > 0.94
    assert len(re.search(r"classes predicted after \d+ epochs: \[(.*)\]", printed)[1].split()) == 1
    assert re.search(r"makes the signals of layer \d 0\.\d+ times as large", printed)
    assert "\nhealthy\n" in printed
    assert re.search(r"^constant .* significant ", printed, re.M)
    assert len(re.findall(r"no significant difference", printed)) == 2


def test_pipeline():
    printed = printed_by("start/pipeline")
    alone, scaled = numbers(r"^(?:alone|in a pipeline): accuracy (\S+)$", printed)
    assert scaled > alone + 0.02
    [accuracy] = numbers(r"^accuracy: (\S+)$", printed)
    assert accuracy > 0.9
    assert "verdict: healthy" in printed
    assert printed.endswith("glorot_uniform\n")


def test_grid_search():
    printed = printed_by("start/grid_search")
    assert "'xaviermlpclassifier__init': 'constant'" not in printed
    [accuracy] = numbers(r"not searched with: (\S+)$", printed)
    assert accuracy > 0.9
    gains = numbers(r"^gain +(\S+): accuracy (\S+)$", printed)
    assert gains[:, 0].tolist() == [0.1, 1.0, 5.0]
    assert gains[1, 1] > 0.9
