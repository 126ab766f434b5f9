"""What a command found, as files: JSON, pictures, and one HTML page that needs nothing else."""

import base64
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._tables import format_html_table
from .comparison import InitializerComparison, InitializerSummary
from .diagnostics import SignalPropagation
from .displays import InitializerComparisonDisplay, SignalPropagationDisplay

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Facts",
    "Start",
    "draw_comparison",
    "draw_starts",
    "format_comparison_page",
    "format_json",
    "format_starts_page",
]


@dataclass(frozen=True)
class Facts:
    """What was asked, and of what.

    Attributes
    ----------
    command : str
        "compare" or "diagnose".
    dataset : str
        Its name.
    n_samples, n_features : int
        Its size.
    target : str
        What is predicted: "3 classes" or "a number".
    settings : dict of str to object
        The options by name.
    command_line : str
        What to type to get the same again.
    versions : dict of str to str
        By the name of the software.
    date : str
        When it began, in ISO 8601 form.
    """

    command: str
    dataset: str
    n_samples: int
    n_features: int
    target: str
    settings: Mapping[str, Any]
    command_line: str
    versions: Mapping[str, str]
    date: str

    @property
    def summary(self) -> str:
        """The data and the network in a line."""
        settings = self.settings
        text = (
            f"{self.dataset}: {self.n_samples} samples, {self.n_features} features, {self.target};"
            f" hidden units {'-'.join(map(str, settings['hidden']))}, {settings['activation']}"
        )
        if self.command == "compare":
            text += (
                f", {settings['solver']}; {settings['cv']} folds x {settings['repeats']} seed(s)"
            )
        return text

    @property
    def loss_name(self) -> str:
        """What the axis of losses is called."""
        unit = "half squared error" if self.target == "a number" else "log loss, nats"
        return f"training loss ({unit})"

    @property
    def step_name(self) -> str:
        """What training is counted in."""
        return "iteration" if self.settings.get("solver") == "lbfgs" else "epoch"


class Start(NamedTuple):
    """How an initializer starts the network, or why that cannot be told."""

    init: str
    propagation: SignalPropagation | None
    error: str | None = None


# --- JSON


def format_json(
    facts: Facts, starts: Sequence[Start], comparison: InitializerComparison | None = None
) -> str:
    """Everything but the values for pictures; null stands for numbers that are not finite."""
    document: dict[str, Any] = asdict(facts) | {"starts": [_start_entry(one) for one in starts]}
    if comparison is not None:
        summary = comparison.summary()
        best = summary[0]
        document |= {
            "scoring": comparison.scoring,
            "best": None if best.n_failed == best.n_runs else best.label,
            "summary": [asdict(one) for one in summary],
            "runs": [asdict(run) for run in comparison.runs],
        }
    return json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _start_entry(start: Start) -> dict[str, Any]:
    entry: dict[str, Any] = {"init": start.init, "error": start.error}
    if start.propagation is None:
        return entry
    propagation, verdict = start.propagation, start.propagation.verdict
    entry["verdict"] = {"kind": str(verdict), **vars(verdict)}
    for name in (
        *("title", "n_samples", "input_std", "initial_loss", "chance_loss"),
        "first_to_last_gradient_ratio",
    ):
        entry[name] = getattr(propagation, name)
    return entry | {"layers": [layer.numbers() for layer in propagation.layers]}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


# --- pictures


def _make_figure(width: float, height: float) -> "Figure":
    """Not of pyplot, which would choose a window system and keep the figure."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: "Figure", file_format: str) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=160)
    return buffer.getvalue()


def draw_comparison(facts: Facts, comparison: InitializerComparison, file_format: str) -> bytes:
    """Loss curves and scores side by side, as a file."""
    figure = _make_figure(11, max(4.2, 1.5 + 0.4 * len(comparison.labels)))
    _draw_comparison(facts, comparison, figure.subplots(1, 2), "both")
    return _save(figure, file_format)


def _draw_comparison(facts: Facts, comparison: InitializerComparison, ax: Any, kind: str) -> None:
    InitializerComparisonDisplay.from_comparison(
        comparison, ax=ax, kind=kind, loss_name=facts.loss_name, step_name=facts.step_name
    )


def draw_starts(starts: Sequence[Start], file_format: str) -> bytes:
    """Activations and gradients side by side, a row for each start that could be looked at."""
    found = [start.propagation for start in starts if start.propagation is not None]
    figure = _make_figure(11, 4.4 * len(found))
    rows = figure.subfigures(len(found), 1, squeeze=False).flat
    for row, propagation in zip(rows, found, strict=True):
        _make_display(propagation).plot(row.subplots(1, 2))
        verdict = propagation.verdict
        where = f" in layer {verdict.layer}" if verdict.layer else ""
        row.suptitle(f"{propagation.title}\nverdict: {verdict}{where}")
    return _save(figure, file_format)


def _make_display(propagation: SignalPropagation) -> SignalPropagationDisplay:
    """Without a title: the page or the figure has one."""
    hidden = [layer for layer in propagation.layers if not layer.is_output]
    return SignalPropagationDisplay(
        activations=[layer.activations for layer in hidden],
        gradients=[layer.gradients for layer in hidden if layer.gradients is not None],
    )


def _panel(draw: Callable[..., Any], alt: str, caption: str, height: float = 4.0) -> str:
    """What ``draw(ax=axes)`` draws as an HTML figure, the picture inside."""
    figure = _make_figure(5, height)
    draw(ax=figure.subplots())
    data = base64.b64encode(_save(figure, "png")).decode()
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(alt)}"'
        f' width="800" height="{height * 160:.0f}"><figcaption>{escape(caption)}</figcaption>'
        "</figure>"
    )


# --- the page

_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1c1e21; --soft: #555b63;
  --line: #c9ced6; --shade: #f3f5f8; --good: #17692f; --bad: #a8200d;
  --edge: rgb(0 0 0 / 25%); }
@media (prefers-color-scheme: dark) { :root { --back: #15181c; --text: #e8eaed;
  --soft: #aab2bc; --line: #434a54; --shade: #21262d; --good: #63d68a; --bad: #ff9688;
  --edge: rgb(255 255 255 / 30%); } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--back); color: var(--text); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem clamp(1rem, 3vw, 2.5rem) 3rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.7rem; margin: 0.5rem 0 0.25rem; }
h2 { font-size: 1.3rem; margin: 2.25rem 0 0.75rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 0.5rem; }
p, li, dd { max-width: 46rem; }
.soft, figcaption, caption { color: var(--soft); font-size: 0.9rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; margin: 0.75rem 0; container-type: inline-size; background:
  linear-gradient(to right, var(--back) 50%, transparent) left / 2rem 100% no-repeat local,
  linear-gradient(to left, var(--back) 50%, transparent) right / 2rem 100% no-repeat local,
  linear-gradient(to right, var(--edge), transparent) left / 0.75rem 100% no-repeat scroll,
  linear-gradient(to left, var(--edge), transparent) right / 0.75rem 100% no-repeat scroll; }
.scroll:focus-visible, pre:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { text-align: left; padding-bottom: 0.4rem; position: sticky; left: 0;
  max-width: 100cqw; overflow-wrap: anywhere; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; }
th:first-child, .words td, .words th { text-align: left; }
th:first-child { padding-left: 0; }
thead th { border-bottom-width: 2px; vertical-align: bottom; }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--back); }
@media (max-width: 40rem) { th, td { padding: 0.25rem 0.45rem; font-size: 0.9rem; } }
pre { background: var(--shade); padding: 0.75rem 1rem; border-radius: 6px; margin: 0.75rem 0;
  white-space: pre-wrap; overflow-x: auto; }
pre span { white-space: pre; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace;
  font-size: 0.9rem; }
ul { padding-left: 1.4rem; }
dl { margin: 0.75rem 0; } dt { font-weight: 600; } dd { margin: 0 0 0.5rem; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15rem 1.25rem; }
.facts dd { margin: 0; }
.pictures { display: grid; gap: 1rem 1.5rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
figure { margin: 0; max-width: 36rem; }
img { display: block; width: 100%; height: auto; border-radius: 6px; background: #fff; }
summary { cursor: pointer; }
"""

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def _page(title: str, facts: Facts, parts: Sequence[str]) -> str:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
            "<main>",
            f"<h1>{escape(title)}</h1>",
            _paragraph(facts.summary, "soft"),
            *parts,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def _list(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _table(rows: Sequence[Sequence[str]], caption: str, kind: str = "") -> str:
    """In a part of the page that scrolls where the table is wider, by the keyboard too."""
    kinds = f"scroll {kind}".strip()
    return (
        f'<div class="{kinds}" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f"{format_html_table(rows, caption=caption)}</div>"
    )


def _facts(facts: Facts) -> str:
    entries = {
        "data": f"{facts.dataset}: {facts.n_samples} samples, {facts.n_features} features,"
        f" {facts.target}; scaled to mean 0 and variance 1",
        **{name: _setting(value) for name, value in facts.settings.items() if name != "data"},
    }
    return _definitions(entries, "facts")


def _definitions(entries: Mapping[str, str], kind: str = "") -> str:
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in entries.items()
    )
    return f'<dl class="{kind}">{lines}</dl>' if kind else f"<dl>{lines}</dl>"


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _reproduction(facts: Facts) -> list[str]:
    words = [f"<span>{escape(word)}</span>" for word in facts.command_line.split(" ")]
    return [
        "<h2>How to reproduce it</h2>",
        f'<pre role="region" aria-label="Command" tabindex="0">{" ".join(words)}</pre>',
        _paragraph(
            "The same versions on the same machine give the same numbers, but for times; with"
            " others the last digits may differ.",
        ),
        _definitions({**facts.versions, "date": facts.date}, "facts"),
    ]


def _failures(texts: Sequence[str]) -> list[str]:
    return ["<h2>Failures</h2>", _list(list(dict.fromkeys(texts)))] if texts else []


# --- starts on the page

_COLUMNS = {
    "std": "Standard deviation of the layer's outputs, over all samples and units; the ratio after"
    " it is that to the layer before. In a sound start it changes little from layer to layer.",
    "flat": "Part of the outputs that are saturated or, for rectifiers, of the units that are"
    " dead.",
    "distinct": "Units that differ in their incoming weights. A layer of copies learns as if it"
    " were one unit.",
    "rank": "Effective rank of the outputs: in how many directions they vary.",
    "jacobian": "Mean singular value of the layer's Jacobian: how much it stretches small changes.",
    "gradient": "Standard deviation of the loss's gradient with respect to what comes into the"
    " units; the ratio after it is that to the layer above.",
    "weights' gradient": "Standard deviation of the gradient that moves the weights.",
}

_VERDICT_NOTE = (
    "A verdict compares one number with a bound, both named. The bounds come from tools in use and"
    " from published experiments; they are rules of thumb, not a theory. It is about one start,"
    " drawn with the seed given, before any training: a start that is called healthy can still"
    " train badly, for another reason, and a small network can outgrow a poor start."
)


def _verdict_table(starts: Sequence[Start]) -> str:
    rows = [["initializer", "verdict", "layer", "what to try"]]
    for start in starts:
        if start.propagation is None:
            rows.append([start.init, "not known", "", ""])
            continue
        verdict = start.propagation.verdict
        advice = verdict.advice.removeprefix("try ")
        rows.append([start.init, str(verdict), str(verdict.layer or ""), advice])
    return _table(rows, "Each initializer's start", "words")


def _start_section(start: Start, *, folded: bool) -> list[str]:
    heading = f"<h3>{escape(start.init)}"
    if start.propagation is None:
        return [f"{heading}</h3>", _paragraph(f"failed: {start.error}", "bad")]
    propagation, verdict = start.propagation, start.propagation.verdict
    kind = "good" if verdict == "healthy" else "bad"
    details = [
        _table(propagation._table(), propagation.title),
        _list(propagation._notes()),
        *_start_pictures(propagation),
    ]
    if folded:
        details = ["<details><summary>Layer by layer</summary>", *details, "</details>"]
    message, *measured = propagation._verdict_lines()
    return [
        f'{heading}: <span class="{kind}">{escape(verdict)}</span></h3>',
        _paragraph(_sentence(message.removeprefix(f"verdict: {verdict}: "))),
        *(_paragraph(_sentence(line), "soft") for line in measured),
        *details,
    ]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if not text.startswith("init=") else f"{text}."


def _start_pictures(propagation: SignalPropagation) -> list[str]:
    display = _make_display(propagation)
    hidden = [layer for layer in propagation.layers if not layer.is_output]
    parts = ['<div class="pictures">']
    for kind, what, stds in (
        ("activations", "Activations", [layer.std for layer in hidden]),
        ("gradients", "Back-propagated gradients", [layer.gradient_std for layer in hidden]),
    ):
        numbers = ", ".join("unknown" if std is None else f"{std:.2g}" for std in stds)
        alt = (
            f"Histograms of the {what.lower()}, a line for each hidden layer. Standard deviations"
            f" from the first layer to the last: {numbers}."
        )
        caption = f"{what} by layer"
        caption += "; the sounder the start, the closer the lines" if len(hidden) > 1 else ""
        parts.append(_panel(partial(display.plot, kind=kind), alt, caption))
    return [*parts, "</div>"]


def format_starts_page(facts: Facts, starts: Sequence[Start]) -> str:
    """The HTML page of the command diagnose."""
    parts = [*_lead_of_starts(starts)]
    parts += ["<h2>What was asked</h2>", _facts(facts), "<h2>Layer by layer</h2>"]
    for start in starts:
        parts += _start_section(start, folded=False)
    parts += ["<h2>How to read it</h2>", _paragraph(_VERDICT_NOTE), _definitions(_COLUMNS)]
    return _page(f"How networks start on {facts.dataset}", facts, [*parts, *_reproduction(facts)])


def _lead_of_starts(starts: Sequence[Start]) -> list[str]:
    n_healthy = sum(one.propagation.verdict == "healthy" for one in starts if one.propagation)
    text = f"Healthy starts: {n_healthy} of {len(starts)}. Nothing was trained."
    return [_paragraph(text), "<h2>Verdicts</h2>", _verdict_table(starts)]


# --- the comparison on the page

_READING = (
    "Scores are of samples that the network did not see in training. Every initializer had the same"
    " folds and seeds.",
    "The 95 % interval says how uncertain a mean score is. Training sets of different folds share"
    " most of their samples, so the runs are not independent, and the interval is wider than"
    " the usual one by Nadeau and Bengio's correction. It is still approximate: it takes"
    " scores to be about normal, and its ends may lie beyond what a score can be.",
    "Intervals that overlap do not show that two initializers are equally good. The p-value comes"
    " from a paired test, which looks at differences on the same folds, with the same"
    " correction and with Holm's adjustment for the number of tests.",
    "No significant difference means that these runs cannot tell two initializers apart, not that"
    " they are the same; more repeats or more samples may.",
    "The best is picked by the very scores that are tested, so p-values are somewhat too small:"
    " take one just below 0.05 for a hint.",
    "All of it holds for this data set, this network and these settings.",
)


def format_comparison_page(
    facts: Facts, starts: Sequence[Start], comparison: InitializerComparison
) -> str:
    """The HTML page of the command compare."""
    summary = comparison.summary()
    failures = [f"{run.label} failed: {run.error}" for run in comparison.runs if run.error]
    notes = [note for note in summary._notes if " failed: " not in note]
    parts = [
        _paragraph(_lead_of_comparison(list(summary), comparison.scoring)),
        "<h2>Scores</h2>",
        _table(summary._table(), summary._title),
        _list(notes),
        *_comparison_pictures(facts, comparison),
        *_failures(failures),
        "<h2>How each start looks before training</h2>",
        _verdict_table(starts),
    ]
    for start in starts:
        parts += _start_section(start, folded=True)
    parts += ["<h2>What was asked</h2>", _facts(facts)]
    parts += ["<h2>How to read it</h2>", _list([*_READING, _VERDICT_NOTE])]
    parts += ["<h3>Columns of the layers' tables</h3>", _definitions(_COLUMNS)]
    return _page(
        f"Initializers compared on {facts.dataset}", facts, [*parts, *_reproduction(facts)]
    )


def _lead_of_comparison(summary: Sequence[InitializerSummary], scoring: str) -> str:
    best = summary[0]
    if best.n_failed == best.n_runs:
        return "Every run failed."
    text = f"Best: {best.label}, with a mean {scoring} of {best.mean:.3g}."
    for difference, what in (
        ("no significant difference", "Not told apart from it"),
        ("significant", "Significantly worse"),
    ):
        labels = [one.label for one in summary if one.difference == difference]
        text += f" {what}: {', '.join(labels)}." if labels else ""
    return text


def _comparison_pictures(facts: Facts, comparison: InitializerComparison) -> list[str]:
    names = ", ".join(one.label for one in comparison.summary())
    height = max(4.0, 1.5 + 0.4 * len(comparison.labels))
    draw = partial(_draw_comparison, facts, comparison)
    score, step = comparison.scoring, facts.step_name
    return [
        '<div class="pictures">',
        _panel(
            partial(draw, kind="loss"),
            f"Training loss by {step}, a line for each of {names}.",
            "How the training loss falls",
            height,
        ),
        _panel(
            partial(draw, kind="scores"),
            f"Mean {score} with its interval, and the single runs, of {names}, the best on top;"
            " the numbers are in the table.",
            f"{score[:1].upper()}{score[1:]} of each initializer",
            height,
        ),
        "</div>",
    ]
