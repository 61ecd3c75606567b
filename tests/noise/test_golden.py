"""Against numbers that the authors' own code computed; see golden/PROVENANCE.md."""

from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts import Draws, NoiseInputs, noise_from
from noise._part_dependent import flip_rates, label_probabilities
from noise.pmd import flip_propensities, two_best

GOLDEN = Path(__file__).parent / "golden"


def cases(name):
    stored = np.load(GOLDEN / f"{name}.npz", allow_pickle=False)
    tags = [key.split("_")[0] for key in stored.files if key.endswith("_tag")]
    return [
        pytest.param({key[len(tag) + 1 :]: stored[key] for key in stored.files if key.startswith(f"{tag}_")}, id=tag)
        for tag in tags
    ]


@pytest.mark.parametrize("case", cases("part_dependent_noise"))
def test_label_probabilities_are_those_of_the_part_dependent_noise_code(case):
    law = label_probabilities(case["x"], case["W"], case["labels"], case["flip_rate"])
    np.testing.assert_allclose(law, case["out_P"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", cases("dygen_noise_idn"))
def test_label_probabilities_are_those_of_the_dygen_code(case):
    rates = case["flip_rate"].astype(np.float64)
    law = label_probabilities(case["inputs"], case["W"].astype(np.float64), case["labels"], rates)
    np.testing.assert_allclose(law, case["out_probs"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", cases("dygen_noise_idn"))
def test_flip_rates_have_the_quantiles_and_the_mean_of_the_dygen_code(case):
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    np.testing.assert_allclose(flip_rates(levels, float(case["rate"])), case["out_flip_quantiles"], atol=0.003)
    mean = flip_rates((np.arange(10_000) + 0.5) / 10_000, float(case["rate"])).mean()
    np.testing.assert_allclose(mean, case["out_flip_mean"], atol=0.003)


@pytest.mark.parametrize(("name", "key"), [("symmetric", "out_freq_sn"), ("asymmetric", "out_freq_asn")])
@pytest.mark.parametrize("case", cases("dygen_noise_sn_asn"))
def test_transition_matrices_are_what_the_dygen_code_draws_from(case, name, key):
    classes, rate, draws = int(case["C"]), float(case["rate"]), int(case["n_per_class"])
    model = noise_from(f"{name}({rate})")
    if name == "symmetric" and rate > model.rate_bound(classes):
        expected = np.full((classes, classes), 1 / classes)
    else:
        expected = model.transition_matrix(classes)
    tolerance = 4.5 * np.sqrt(expected * (1 - expected) / draws) + 1e-12
    assert (np.abs(case[key] - expected) <= tolerance).all()


@pytest.mark.parametrize("name", ["symmetric", "asymmetric"])
@pytest.mark.parametrize("case", cases("dygen_noise_sn_asn"))
def test_realised_rates_are_exact_here_where_the_dygen_code_leaves_them_to_chance(case, name):
    classes, rate, draws = int(case["C"]), float(case["rate"]), int(case["n_per_class"])
    model, clean = noise_from(f"{name}({rate})"), np.repeat(np.arange(classes), draws)
    if name == "symmetric" and rate > model.rate_bound(classes):
        pytest.skip("no symmetric noise has this rate here")
    stream = Draws(("corpus", model.stream_name(), 1), "train", [str(i) for i in range(len(clean))])
    noisy = model.corrupt(NoiseInputs(clean, classes, stream))
    wrong_here = np.bincount(clean[noisy != clean], minlength=classes)
    np.testing.assert_array_equal(wrong_here, round(rate * draws))


@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("case", cases("pmd_noise"))
def test_flip_propensities_and_the_two_best_classes_are_those_of_the_pmd_code(case, kind):
    numeral = "I" * kind
    propensities = flip_propensities(case["eta"], kind)
    np.testing.assert_allclose(propensities, case[f"out_f_{numeral}"], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose((1 - propensities) / case["factor"], case[f"out_keep_{numeral}"], rtol=1e-5, atol=1e-12)
    best, second = two_best(case["eta"])
    np.testing.assert_array_equal(best, case["out_u"])
    np.testing.assert_array_equal(second, case["out_s"])


@pytest.mark.parametrize("case", cases("pmd_noise"))
def test_an_unflipped_label_is_the_clean_one_here_where_it_is_the_teachers_best_in_the_pmd_code(case):
    noisy, clean = corrupted("pmd(0.2)", case["eta"], case["labels"]), case["labels"]
    assert (noisy != clean).sum() == round(0.2 * len(clean))


@pytest.mark.parametrize("case", cases("seal_noise"))
def test_labels_are_those_of_the_seal_code_but_where_a_count_of_zero_flips_everything_there(case):
    rate, clean = float(case["noise_rate"]), case["labels"]
    noisy = corrupted(f"seal({rate})", case["softmax_avg"], clean)
    if int(rate * len(clean)) == 0:
        np.testing.assert_array_equal(noisy, clean)
        np.testing.assert_array_equal(np.sort(case["out_flipped"]), np.arange(len(clean)))
        return
    np.testing.assert_array_equal(noisy, case["out_noisy"])
    np.testing.assert_array_equal(np.flatnonzero(noisy != clean), np.sort(case["out_flipped"]))


def corrupted(text, teacher, clean):
    model = noise_from(text)
    stream = Draws(("corpus", model.stream_name(), 1), "train", [str(i) for i in range(len(clean))])
    return model.corrupt(NoiseInputs(clean, teacher.shape[1], stream, teacher=teacher))
