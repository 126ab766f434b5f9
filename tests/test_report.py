"""The files that the commands write: the HTML page, and JSON."""

import base64
import datetime
import io
import json
import platform
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version
from itertools import pairwise

import numpy as np
import pytest

from sk_xavier import InitializerComparison
from sk_xavier.__main__ import main
from sk_xavier._report import Facts, Start, format_comparison_page, format_json, format_starts_page
from sk_xavier.comparison import Run

QUICK = ["--cv", "2", "--repeats", "2", "--max-iter", "15", "--hidden", "8", "--n-jobs", "1"]
COMPARE = ["compare", "iris", "--init", "constant", "normal", "auto", *QUICK]
DIAGNOSE = ["diagnose", "digits", "--init", "uniform", "glorot_uniform", "--activation", "tanh"]
DIAGNOSE += ["--hidden", *["40"] * 8]
VOID = {"meta", "img", "br", "hr", "link", "input", "source"}


class Page(HTMLParser):
    """A page's elements and texts; every element must be closed before the one around it."""

    def __init__(self, page):
        super().__init__()
        self.raw, self.elements, self.open = page, [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes)
        element = {"tag": tag, "text": "", **dict(attributes)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, text):
        for element in self.open:
            element["text"] += text

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]

    def texts(self, *tags):
        return [element["text"] for element in self.all(*tags)]

    @property
    def text(self):
        return self.texts("main")[0]


def refuse(name):
    raise AssertionError(f"{name} is not JSON")


def read_json(text):
    return json.loads(text, parse_constant=refuse)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Page and JSON of each command, from one run of each."""
    pytest.importorskip("matplotlib")
    folder = tmp_path_factory.mktemp("reports")
    found = {}
    for name, arguments in (("compare", COMPARE), ("diagnose", DIAGNOSE)):
        page, numbers = folder / f"{name}.html", folder / f"{name}.json"
        assert main([*arguments, "--report", str(page), "--json", str(numbers)]) == 0
        found[name] = Page(page.read_text("utf-8")), read_json(numbers.read_text("utf-8"))
    return found


@pytest.fixture(params=["compare", "diagnose"])
def page(written, request):
    return written[request.param][0]


@pytest.fixture
def facts():
    settings = {"hidden": [8], "activation": "tanh", "solver": "lbfgs", "cv": 2, "repeats": 1}
    return Facts("compare", "<b>.csv", 9, 2, "2 classes", settings, "run <it>", {"a": "1"}, "now")


# --- the page


def test_the_page_needs_nothing_else(page):
    assert page.raw.startswith("<!DOCTYPE html>\n")
    tags = {element["tag"] for element in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base", "svg"}
    for element in page.elements:
        assert not any(name.startswith("on") for name in element)
        assert "href" not in element
        assert element.get("src", "data:").startswith("data:")
    (style,) = page.texts("style")
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"https?:", page.raw)


def test_the_page_forbids_whatever_it_does_not_need(page):
    (policy,) = [one["content"] for one in page.all("meta") if "http-equiv" in one]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert all("style" not in element for element in page.elements)


def test_the_page_is_accessible(page):
    assert page.all("html")[0]["lang"] == "en"
    assert page.all("meta")[0]["charset"] == "utf-8"
    assert "width=device-width" in [one.get("content") for one in page.all("meta")][2]
    assert len(page.all("main")) == len(page.all("title")) == len(page.all("h1")) == 1
    assert page.texts("title") == page.texts("h1")
    levels = [int(element["tag"][1]) for element in page.all(*(f"h{i}" for i in range(1, 7)))]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(text.strip() for text in page.texts("h1", "h2", "h3"))
    assert len(page.all("table")) == len(page.all("caption")) >= 2
    assert all(text.strip() for text in page.texts("caption"))
    assert all(cell["scope"] in ("row", "col") for cell in page.all("th"))
    scrolled = [one for one in page.all("div") if "scroll" in one["class"].split()]
    assert len(scrolled) == len(page.all("table"))
    for region in scrolled:  # to be reached and named without a mouse
        assert region["tabindex"] == "0"
        assert region["role"] == "region"
        assert region["aria-label"]


def luminance(color):
    """Of a colour such as #abc or #aabbcc, as WCAG 2 defines it."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_in_light_and_dark(page):
    (style,) = page.texts("style")
    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colors = dict(re.findall(r"--(\w+): (#\w+);", theme))
        pairs = [(name, "back") for name in ("text", "soft", "good", "bad")]
        for text, back in [*pairs, ("text", "shade")]:
            dark, light = sorted([luminance(colors[text]), luminance(colors[back])])
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, back)


def test_pictures_are_inside_and_described(page):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pictures = page.all("img")
    assert len(pictures) == len(page.all("figure")) == len(page.all("figcaption")) >= 2
    for picture in pictures:
        head, data = picture["src"].split(",")
        assert head == "data:image/png;base64"
        pixels = pyplot.imread(io.BytesIO(base64.b64decode(data, validate=True)))
        assert pixels.shape[:2] == (int(picture["height"]), int(picture["width"]))
        assert pixels[..., :3].std() > 0.05  # something is drawn
        assert len(picture["alt"]) > 20
    assert len({picture["src"] for picture in pictures}) == len(pictures)


def test_what_was_asked_and_how_to_ask_again(written):
    for command, (page, numbers) in written.items():
        asked = dict(zip(page.texts("dt"), page.texts("dd"), strict=True))
        assert asked["data"].startswith(f"{numbers['dataset']}: {numbers['n_samples']} samples")
        assert asked["Python"] == platform.python_version()
        for name in ("numpy", "scipy", "scikit-learn"):
            assert asked[name] == version(name)
        assert asked["sk_xavier"] == version("sk-xavier")
        assert asked["seed"] == "0"
        assert page.texts("pre") == [numbers["command_line"]]
        program = f"python -m sk_xavier {command} {numbers['dataset']} --init "
        assert numbers["command_line"].startswith(program)


def test_the_table_has_the_numbers(written):
    page, numbers = written["compare"]
    rows = [row["text"] for row in page.all("tr")]
    for one in numbers["summary"]:
        (row,) = [text for text in rows if text.startswith(f"{one['label']}{one['rank']}")]
        for value in (one["mean"], one["low"], one["high"]):
            assert f"{value:.3f}" in row
        assert one["difference"] in row
    assert f"Best: {numbers['best']}, with a mean accuracy of" in page.text
    assert page.text.count("corrected t-test with Holm's adjustment") == 1
    assert "No significant difference means that these runs cannot tell" in page.text


def test_verdicts_and_advice(written):
    for page, numbers in written.values():
        headings = page.texts("h3")
        for start in numbers["starts"]:
            verdict = start["verdict"]
            assert f"{start['init']}: {verdict['kind']}" in headings
            assert verdict["advice"] in page.text
            assert verdict["source"] in page.text
            assert start["title"] in page.texts("caption")
    kinds = {
        name: [start["verdict"]["kind"] for start in numbers["starts"]]
        for name, (_, numbers) in written.items()
    }
    assert kinds == {
        "compare": ["symmetric", "healthy", "healthy"],
        "diagnose": ["vanishing", "healthy"],
    }


def test_pictures_of_each_start(written):
    page, numbers = written["diagnose"]
    alts = [picture["alt"] for picture in page.all("img")]
    assert len(alts) == 2 * len(numbers["starts"])
    for start, alt in zip(numbers["starts"], alts[::2], strict=True):
        stds = ", ".join(f"{layer['std']:.2g}" for layer in start["layers"][:-1])
        assert alt.startswith("Histograms of the activations")
        assert alt.endswith(f"from the first layer to the last: {stds}.")


def test_names_and_errors_are_text(facts, tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    path = tmp_path / "<script>&amp;'\".csv"
    try:
        path.write_text("a,<i>\n" + "".join(f"{i},{'<u>' if i % 2 else 'v'}\n" for i in range(20)))
    except OSError:
        pytest.skip("such names cannot be had here")
    monkeypatch.chdir(tmp_path)
    for command in (["compare", *QUICK], ["diagnose"]):
        arguments = [command[0], path.name, "--target", "<i>", "--init", "auto", *command[1:]]
        assert main([*arguments, "--report", "page.html", "--json", "found.json"]) == 0
        page = Page((tmp_path / "page.html").read_text("utf-8"))
        assert not page.all("script", "i", "u")
        assert page.texts("title")[0].endswith(f"on {path.name}")
        numbers = read_json((tmp_path / "found.json").read_text("utf-8"))
        assert numbers["dataset"] == path.name
        words = shlex.split(page.texts("pre")[0])
        assert words[3:] == [*arguments, "--report", "page.html", "--json", "found.json"]


def test_file_names_need_not_be_text(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    name = "\udcff.csv"  # a byte that is no UTF-8, as Python reads it
    monkeypatch.chdir(tmp_path)
    try:
        with open(name, "w") as file:
            file.write("a,b\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    except (OSError, UnicodeError):
        pytest.skip("such names cannot be had here")
    arguments = ["diagnose", name, "--target", "b", "--json", "found.json"]
    assert main([*arguments, "--report", "page.html"]) == 0
    assert Page((tmp_path / "page.html").read_text("utf-8")).texts("h1") == [
        "How networks start on ?.csv"
    ]
    assert read_json((tmp_path / "found.json").read_text("utf-8"))["dataset"] == "?.csv"


def make_run(label, fold, error=None):
    score, loss = (float("nan"), ()) if error else (0.5 + fold / 10, (0.9, 0.4))
    return Run(label, label, 0, fold, score, 0.1, None, loss, False, error, 6, 3)


def test_failures_are_on_the_page(facts):
    pytest.importorskip("matplotlib")
    errors = ["ValueError: <b>boom</b>", None]
    runs = [make_run("normal", fold, errors[fold]) for fold in (0, 1)]
    runs += [make_run("zeros", fold, "it broke") for fold in (0, 1)]
    comparison = InitializerComparison(runs, ["normal", "zeros"], ["normal", "zeros"], "accuracy")
    starts = [Start(init, None, f"no {init} & start") for init in ("normal", "zeros")]
    page = Page(format_comparison_page(facts, starts, comparison))
    assert not page.all("b", "it")
    assert "Failures" in page.texts("h2")
    failures = ["normal failed: ValueError: <b>boom</b>", "zeros failed: it broke"]
    assert [text for text in page.texts("li") if " failed: " in text] == failures
    assert "failed: no zeros & start" in page.texts("p")
    assert "run <it>" in page.texts("pre")
    assert len(page.all("img")) == 2

    runs[1] = replace(runs[1], loss_curve=(0.9, float("inf")))
    comparison = InitializerComparison(runs, ["normal", "zeros"], ["normal", "zeros"], "accuracy")
    document = read_json(format_json(facts, starts, comparison))
    assert [run["score"] for run in document["runs"]] == [None, 0.6, None, None]
    assert document["runs"][1]["loss_curve"] == [0.9, None]
    assert [one["mean"] for one in document["summary"]] == [0.6, None]
    assert document["starts"][0] == {"init": "normal", "error": "no normal & start"}

    comparison = InitializerComparison(runs[2:], ["zeros"], ["zeros"], "accuracy")
    page = Page(format_comparison_page(facts, starts[1:], comparison))
    assert "Every run failed." in page.texts("p")
    assert read_json(format_json(facts, starts, comparison))["best"] is None


def test_a_page_of_failed_starts_has_no_pictures(facts):
    page = Page(format_starts_page(facts, [Start("normal", None, "no start")]))
    assert "failed: no start" in page.texts("p")
    assert page.all("img") == []


# --- JSON


def test_json_has_everything(written):
    _, numbers = written["compare"]
    assert numbers["command"] == "compare"
    assert numbers["settings"] == {
        "data": "iris",
        "regression": False,
        "init": ["constant", "normal", "auto"],
        "hidden": [8],
        "activation": "relu",
        "seed": 0,
        "solver": "adam",
        "max-iter": 15,
        "cv": 2,
        "repeats": 2,
        "n-jobs": 1,
    }
    assert datetime.datetime.fromisoformat(numbers["date"]).tzinfo is not None
    assert numbers["versions"]["scikit-learn"] == version("scikit-learn")
    assert numbers["target"] == "3 classes"
    places = [(run["label"], run["repeat"], run["fold"]) for run in numbers["runs"]]
    assert places == [
        (init, repeat, fold)
        for init in ("constant", "normal", "auto")
        for repeat in (0, 1)
        for fold in (0, 1)
    ]
    assert all(len(run["loss_curve"]) == run["n_iter"] == 15 for run in numbers["runs"])
    for one in numbers["summary"]:
        scores = [run["score"] for run in numbers["runs"] if run["label"] == one["label"]]
        assert one["mean"] == pytest.approx(sum(scores) / 4)
    assert [one["rank"] for one in numbers["summary"]] == [1, 2, 3]
    assert numbers["summary"][0]["label"] == numbers["best"]
    assert numbers["summary"][0]["p_value"] is None


def test_json_of_starts(written):
    _, numbers = written["diagnose"]
    vanishing, healthy = numbers["starts"]
    assert [layer["n_units"] for layer in vanishing["layers"]] == [40] * 8 + [10]
    assert vanishing["verdict"]["value"] < vanishing["verdict"]["threshold"]
    assert vanishing["verdict"]["message"].endswith(vanishing["verdict"]["advice"])
    assert (healthy["verdict"]["value"], healthy["verdict"]["advice"]) == (None, "")
    assert healthy["error"] is None


def test_json_of_numpy_scalars(facts):
    settings = {"cv": np.int64(3), "alpha": np.float32("inf"), "regression": np.bool_(True)}
    document = read_json(format_json(replace(facts, settings=settings), []))
    assert document["settings"] == {"cv": 3, "alpha": None, "regression": True}


def test_the_command_line_reproduces_it(written, tmp_path, monkeypatch):
    _, numbers = written["compare"]
    arguments = shlex.split(numbers["command_line"])[3:]
    arguments = arguments[: arguments.index("--report")]
    again = tmp_path / "again.json"
    assert main([*arguments, "--json", str(again)]) == 0
    repeated = read_json(again.read_text("utf-8"))
    for run, repeated_run in zip(numbers["runs"], repeated["runs"], strict=True):
        for name in ("score", "loss_curve", "label", "n_iter"):
            assert run[name] == repeated_run[name]
    assert repeated["starts"] == numbers["starts"]


def test_the_loss_is_named_after_target_and_solver(facts):
    assert (facts.loss_name, facts.step_name) == ("training loss (log loss, nats)", "iteration")
    other = replace(facts, target="a number", settings={"solver": "adam"})
    assert (other.loss_name, other.step_name) == ("training loss (half squared error)", "epoch")
