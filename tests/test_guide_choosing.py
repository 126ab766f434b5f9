"""What the chapters on choosing, diagnosing and comparing starts claim holds in what they print."""

import re

import numpy as np
import pytest
from scripts import numbers, printed_by
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def choosing():
    return printed_by("guide/choosing")


@pytest.fixture(scope="module")
def diagnosing():
    return printed_by("guide/diagnosing")


@pytest.fixture(scope="module")
def comparing():
    return printed_by("guide/comparing")


def rows(columns, printed):
    """The table below a line with these columns: rows of numbers by their labels."""
    head = re.search(rf"^ *{' +'.join(columns)} *$", printed, re.MULTILINE)
    table = {}
    for line in printed[head.end() + 1 :].splitlines():
        found = re.fullmatch(rf"(.*?)((?: +[\d.]+(?: %)?){{{len(columns)}}}) *", line)
        if found is None:
            break
        values = [float(value) for value in re.findall(r"[\d.]+", found[2])]
        table[found[1].strip()] = dict(zip(columns, values, strict=True))
    return table


def names_after(text, printed):
    """The names listed after `text`, which may go on in indented lines."""
    found = re.search(rf"^{re.escape(text)}:((?: .*\n)(?:    .*\n)*)", printed, re.MULTILINE)
    return set(re.findall(r"[a-z_]\w*", found[1]))


# --- choosing: before training

RECTIFIERS = {"leaky_relu", "gelu", "mish", "relu", "relu6", "silu"}
SYMMETRIC = {"hard_tanh", "identity", "softsign", "tanh"}


def test_recommended_starts_are_those_of_the_papers(choosing):
    assert names_after("glorot_uniform", choosing) == SYMMETRIC
    assert names_after("he_normal", choosing) == RECTIFIERS | {"elu"}
    assert names_after("lecun_normal", choosing) == {"selu"}
    assert names_after("glorot_uniform, gain 4", choosing) == {"logistic"}
    assert names_after("glorot_uniform, gain 2", choosing) == {"softplus"}


def test_only_depth_makes_starts_unsound(choosing):
    [one], [three], [ten] = (
        numbers(rf"^ *{depth} hidden: (\d+) of 84 starts are healthy", choosing)
        for depth in (1, 3, 10)
    )
    assert one == 84
    assert 60 < three < 75
    assert ten < 55


def test_auto_holds_at_ten_layers_but_for_two_activations(choosing):
    assert names_after("never healthy at 10 hidden", choosing) == {"logistic"}
    mixed = dict(re.findall(r"(\w+) (\d)/5", choosing))
    assert int(mixed.pop("softplus")) <= 3
    assert all(int(healthy) >= 3 for healthy in mixed.values())


def test_glorots_start_is_not_for_many_rectifiers(choosing):
    glorot = names_after("10 hidden, healthy from glorot_uniform", choosing)
    assert glorot == SYMMETRIC | {"elu", "selu"}
    he = names_after("10 hidden, healthy from he_normal", choosing)
    assert he >= RECTIFIERS | {"softplus", "elu", "tanh"}
    assert "identity" not in he
    depth = dict(re.findall(r"^(\w+) +from glorot_uniform: healthy up to (\d+)", choosing, re.M))
    # A factor of sqrt(1/2) on the signal in each layer, or a little less, and 1/9 in all.
    assert 4 <= int(depth["relu"]) <= 7
    assert 3 <= int(depth["gelu"]) <= int(depth["relu"])
    assert depth["elu"] == "10"


# --- choosing: after training


@pytest.fixture(scope="module")
def trained(choosing):
    return rows(["uniform", "glorot", "auto", "orthogonal"], choosing)


def test_start_does_not_matter_for_few_rectified_layers(trained):
    for row in ("relu, 1", "relu, 3"):
        assert min(trained[row].values()) > 0.88
        assert np.ptp(list(trained[row].values())) < 0.05
    ten = trained["relu, 10"]
    assert min(ten["glorot"], ten["auto"], ten["orthogonal"]) > 0.75
    assert abs(ten["glorot"] - ten["auto"]) < 0.1


@pytest.mark.parametrize("activation", ["relu", "tanh", "selu", "softplus"])
def test_fixed_range_is_far_behind_at_ten_layers(trained, activation):
    row = dict(trained[f"{activation}, 10"])
    assert row.pop("uniform") < min(row.values()) - 0.15


def test_start_decides_for_layers_of_logistic(trained):
    three = trained["logistic, 3"]
    assert three["uniform"] + 0.1 < three["glorot"] < three["auto"] - 0.05
    ten = dict(trained["logistic, 10"])
    auto = ten.pop("auto")
    assert max(ten.values()) < 0.2 < auto - 0.1
    assert auto < trained["logistic, 1"]["auto"] - 0.1
    assert trained["tanh, 10"]["auto"] > auto + 0.2


def test_auto_gains_where_the_short_answer_says(choosing):
    number = r"(\d\.\d\d)"
    pair = rf"{number}, {number}"
    found = re.findall(rf"^(\w+) +{pair} \| {pair} \| {pair} \| (.*)$", choosing, re.M)
    assert len(found) == 14
    take = {row[0]: row[-1] for row in found}
    assert take["logistic"] == "auto from 3 on"
    for name in SYMMETRIC | RECTIFIERS | {"elu", "selu"}:
        assert take[name] == "default"
    for name, *accuracies, _ in found:
        default, auto = float(accuracies[2]), float(accuracies[3])
        if name != "logistic":
            assert auto <= default + 0.02  # three hidden layers: nothing gained
            assert default > 0.9


def test_orthogonal_does_well_where_it_is_deep_and_trained_by_adam(trained):
    for activation in ("relu", "tanh", "selu", "softplus"):
        row = trained[f"{activation}, 10"]
        assert row["orthogonal"] > max(row["glorot"], row["auto"]) - 0.03


def test_gradient_descent_needs_hes_start(choosing):
    score = dict(re.findall(r"^sgd, relu, 10 hidden, (\w+) +([\d.]+)", choosing, re.M))
    assert float(score["uniform"]) < 0.15
    assert float(score["auto"]) > float(score["glorot"]) + 0.2
    assert float(score["auto"]) > float(score["orthogonal"]) + 0.2


def test_gain_of_four_pays_from_three_layers_on(choosing):
    logistic = rows(["sklearn", "glorot", "auto"], choosing)
    one, two, three = (logistic[f"{depth} hidden, 12 epochs"] for depth in (1, 2, 3))
    assert one["auto"] < one["glorot"] - 0.03
    assert abs(two["auto"] - two["glorot"]) < 0.05
    assert three["auto"] > three["glorot"] + 0.05
    assert three["sklearn"] < three["glorot"]
    longer = logistic["1 hidden, 40 epochs"]
    assert 0 < longer["glorot"] - longer["auto"] < 0.05


def test_gain_of_four_saturates_a_part_of_the_units(choosing):
    pattern = r"^{} +std of pre-activations ([\d.]+), (\d+)% of outputs saturated"
    [[glorot, flat]] = numbers(pattern.format("glorot_uniform"), choosing)
    assert flat < 5
    [[auto, flat]] = numbers(pattern.format("auto"), choosing)
    assert 15 < flat < 50
    assert auto / glorot == pytest.approx(4, rel=0.1)


def test_hes_start_suits_many_layers_of_softplus(choosing):
    pattern = r"^softplus, 10 hidden, {} +signal ([\d.]+) per layer, accuracy ([\d.]+)"
    [[grows, auto]] = numbers(pattern.format("auto"), choosing)
    [[fades, he]] = numbers(pattern.format("he"), choosing)
    assert fades < 1 < grows
    assert he > auto + 0.05


# --- choosing: biases, layer by layer


def test_biases_hardly_matter_unless_they_kill(choosing):
    found = re.findall(r"^bias_init=(\S+) +(\w+) +accuracy ([\d.]+)", choosing, re.M)
    *alive, (label, verdict, score) = found
    assert (label, verdict) == ("Constant(-5.0)", "dead")
    assert float(score) < 0.2
    assert {verdict for _, verdict, _ in alive} == {"healthy"}
    assert np.ptp([float(score) for *_, score in alive]) < 0.04


def test_output_bias_at_the_log_odds_starts_near_the_base_rate(choosing):
    _, y = load_digits(return_X_y=True)
    y, _ = train_test_split(y, train_size=500, stratify=y, random_state=0)
    p = np.mean(y == 8)
    [loss] = numbers(r"^loss of predicting the base rate: ([\d.]+)", choosing)
    assert loss == pytest.approx(-p * np.log(p) - (1 - p) * np.log(1 - p), abs=0.006)
    [zero] = numbers(r"^output bias at zero +: loss at the start ([\d.]+)", choosing)
    [odds] = numbers(r"^output bias at log-odds: loss at the start ([\d.]+)", choosing)
    assert odds < loss + 0.1
    assert zero > np.log(2) > odds + 0.2


def test_each_layer_gets_the_start_of_its_entry(choosing):
    hidden_1, hidden_2, output = numbers(r"^\(\d+, \d+\) +std ([\d.]+)", choosing)
    assert hidden_1 == pytest.approx(np.sqrt(1 / 64), rel=0.05)
    assert hidden_2 == pytest.approx(5 / 3 * np.sqrt(2 / (32 + 16)), rel=0.07)
    assert output == 0


def test_own_starts_are_healthy(choosing):
    assert re.search(r"^healthy$", choosing, re.M)
    sparse = re.findall(r"^sparse, tanh, +(\d+) hidden: (\w+)", choosing, re.M)
    assert sparse == [("1", "healthy"), ("3", "healthy"), ("10", "healthy")]


# --- diagnosing

EXAMINED = [
    *("symmetric", "healthy"),
    *("vanishing", "healthy", "vanishing", "healthy"),
    *("exploding", "exploding", "exploding", "healthy"),
    *("saturated", "saturated", "healthy"),
    *("dead", "dead", "healthy"),
    *("saturated", "saturated", "healthy"),
    "healthy",  # before it is killed
]
"""Each bad verdict, and the cure."""


def test_every_verdict_happens_and_is_cured(diagnosing):
    messages = re.findall(r"^(\w+): (.*(?:\n    .*)*)", diagnosing, re.M)
    messages = [(kind, " ".join(text.split())) for kind, text in messages if kind in EXAMINED]
    assert [kind for kind, _ in messages] == EXAMINED
    for kind, text in messages:
        assert (text == "no fault was found") == (kind == "healthy")
    texts = [text for kind, text in messages if kind == "exploding"]
    for text, what in zip(texts, ("signals of layer 2", "gradient", "loss"), strict=True):
        assert what in text
    advice = ["init='auto'" in text for kind, text in messages if kind == "saturated"]
    assert advice == [True, False, False, True]  # False: scale X
    assert sum("scale X" in text for _, text in messages) == 2


def test_parts_of_a_verdict(diagnosing):
    assert re.search(r"^True \d$", diagnosing, re.M)
    [[value, bound]] = numbers(r"^([\d.e-]+) < ([\d.e-]+)$", diagnosing)
    assert value < bound == pytest.approx(1 / 81, rel=0.01)
    assert re.search(r"^try init='auto'$", diagnosing, re.M)


def test_loss_of_a_sound_start_is_near_that_of_guessing(diagnosing):
    loss, guess = numbers(r"^loss ([\d.]+); with raw predictions of zero ([\d.]+)", diagnosing)[0]
    assert guess == pytest.approx(np.log(10), abs=0.001)
    assert loss < 1.3 * guess


def test_pictures_of_weights(diagnosing):
    assert numbers(r"^distinct units: (\d+)", diagnosing).tolist() == [1, 4]


def test_training_repairs_scales_and_not_ranks(diagnosing):
    pattern = r"^init='{}' +test accuracy ([\d.]+)"
    [uniform], [auto] = (numbers(pattern.format(init), diagnosing) for init in ("uniform", "auto"))
    assert auto > uniform + 0.05
    ranks = {
        init: [int(rank) for rank in re.findall(r"\d+", text)]
        for init, text in re.findall(r"^init='(\w+)' +healthy; ranks (.*)", diagnosing, re.M)
    }
    assert all(a > u for a, u in zip(ranks["auto"], ranks["uniform"], strict=True))
    assert np.mean(ranks["auto"][2:5]) > 1.5 * np.mean(ranks["uniform"][2:5])


def test_learning_rate_kills_a_sound_start(diagnosing):
    assert re.search(r"^dead in layer [123]$", diagnosing, re.M)
    shares = re.search(r"^dead units by layer: (.*)", diagnosing, re.M)[1]
    assert max(int(share) for share in re.findall(r"\d+", shares)) > 90
    [killed] = numbers(r"^test accuracy ([\d.]+)", diagnosing)
    [slower] = numbers(r"^test accuracy with a hundredth of the rate ([\d.]+)", diagnosing)
    assert killed < 0.5 < 0.9 < slower


def test_pipeline_is_looked_at_with_its_scaling(diagnosing):
    assert "\nxaviermlpclassifier | saturated\n" in diagnosing
    assert "\nstandardscaler -> xaviermlpclassifier | healthy\n" in diagnosing


def test_diagnose_prints_a_verdict_for_each_start(diagnosing):
    printed = diagnosing[diagnosing.index("$ python -m sk_xavier diagnose") :]
    assert re.findall(r"^verdict: (\w+)", printed, re.M) == ["vanishing", "healthy"]


def test_verdict_near_its_bound_depends_on_the_draw(diagnosing):
    counts = dict(re.findall(r"'(healthy|vanishing)': (\d+)", diagnosing))
    assert int(counts["healthy"]) + int(counts["vanishing"]) == 10
    assert int(counts["healthy"]) > 5


def test_what_the_verdict_cannot_see(diagnosing):
    pattern = r" +healthy; rank ([\d.]+), accuracy after 15 epochs ([\d.]+)"
    [[rank, near_copies]] = numbers(rf"^0\.1 \+- 0\.0001{pattern}", diagnosing)
    [[full_rank, auto]] = numbers(f"^auto{pattern}", diagnosing)
    assert rank < 1.2
    assert full_rank > 20
    assert near_copies < auto - 0.15
    assert re.search(r"^without y: healthy\nwith y: +exploding\nhealthy\n", diagnosing, re.M)


# --- comparing


def test_difference_that_is_large_need_not_be_significant(comparing):
    pattern = r"^uniform +([\d.]+) \([\d.]+ to ([\d.]+)\)  p = ([\d.]+)"
    [[mean, high, p]] = numbers(pattern, comparing)
    assert p > 0.1
    assert "uniform against the best: no significant difference" in comparing
    spread = rows(["mean", "std", "min", "max"], comparing)
    best = max(row["mean"] for row in spread.values())
    assert mean < best - 0.05
    assert high > best - 0.05
    others = [row["std"] for label, row in spread.items() if label != "uniform"]
    assert spread["uniform"]["std"] > 1.5 * max(others)


def test_pairs_vary_less(comparing):
    own, same = numbers(r"^std of a difference, .*: +([\d.]+)", comparing)
    assert same < 0.85 * own
    assert "the same start twice, same scores: True" in comparing


def test_folds_vary_more_than_seeds(comparing):
    folds, seeds, within = numbers(r"^std between .*: +([\d.]+)", comparing)
    assert folds > 2 * seeds
    assert folds > within > seeds


def test_plain_test_raises_false_alarms_and_the_corrected_does_not(comparing):
    false_alarms = rows(["t-test", "corrected"], comparing)
    plain = [false_alarms[f"{n} x 5 folds"]["t-test"] for n in (1, 3, 10)]
    assert plain[0] < 15 < 20 < plain[1] < 40 < plain[2]
    assert all(row["corrected"] < 6 for row in false_alarms.values())


def test_correction_is_too_strict_for_seeds_alone(comparing):
    _, printed = comparing.split("p < 0.05 where only seeds differ")
    [plain] = numbers(r"^t-test +([\d.]+)%$", printed)
    [corrected] = numbers(r"^corrected +([\d.]+)%$", printed)
    assert 2 < plain < 9
    assert corrected < 1.5


def test_p_values_by_hand_are_those_of_the_summary(comparing):
    [difference] = numbers(r"^p-values by hand .* at most (\S+)", comparing)
    assert difference < 1e-9


def test_corrected_intervals_hold_what_they_promise(comparing):
    pattern = r"^ *(?:1|3|10) x 5 folds, {} +interval: ([\d.]+)%"
    plain = numbers(pattern.format("plain"), comparing)
    assert plain[1] < 80
    assert plain[2] < 60
    assert (numbers(pattern.format("corrected"), comparing) > 92).all()


def test_many_starts_need_both_corrections(comparing):
    pattern = r"^{} +some p < 0.05: +([\d.]+)%; with Holm's adjustment: +([\d.]+)%"
    [[neither, holm]] = numbers(pattern.format("t-test"), comparing)
    [[corrected, both]] = numbers(pattern.format("corrected"), comparing)
    assert min(neither, holm) > 40
    assert corrected > 12
    assert both < 9


def test_best_seed_was_lucky(comparing):
    pattern = r" +([\d.]+) in validation, ([\d.]+) in test"
    [[validation, test]] = numbers(rf"^best of 20 seeds:{pattern}", comparing)
    [[mean_validation, mean_test]] = numbers(rf"^all seeds' mean:{pattern}", comparing)
    assert validation - test > 0.015
    assert validation - mean_validation > 0.02
    assert abs(test - mean_test) < 0.015


def test_best_of_five_is_too_high_and_repeats_do_not_help(comparing):
    optimism = numbers(r"^ *\d+ x 5 folds: best of five too high by ([\d.]+)", comparing)
    assert (optimism > 0.03).all()
    assert optimism[-1] > 0.7 * optimism[0]


def test_failures_are_reported(comparing):
    assert "auto: 0 of 3 failed, best" in comparing
    assert "huge: 3 of 3 failed, failed" in comparing
    assert "ValueError: Training diverged" in comparing
    assert "converged: 0 of 75 runs" in comparing


def test_compare_prints_ranks(comparing):
    printed = comparing[comparing.index("$ python -m sk_xavier compare") :]
    ranks = dict(re.findall(r"^(\w+) +(\d) +[\d.]+ ", printed, re.M))
    assert ranks["constant"] == "3"
    assert re.search(r"^constant .* significant ", printed, re.M)
