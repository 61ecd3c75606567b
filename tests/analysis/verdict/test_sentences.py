import json
import re

import pytest

from benchmark.analysis.page.answers import answers
from benchmark.analysis.verdict import opening, verdict_data

NOISES = ["symmetric(0.2)", "symmetric(0.4)"]
METHODS = ["cross_entropy", "elr", "gce"]


@pytest.fixture
def clear(factory):
    factory.skills = {"elr": 1.0}
    return factory.grid(METHODS, NOISES, [1, 2, 3, 4, 5], ["trec", "apidocs"])


def test_each_corpus_has_a_sentence_with_method_gain_interval_and_price(clear, result_set_of):
    results = result_set_of(clear)
    said = opening(results)
    data = {one["corpus"]: one for one in verdict_data(results)["verdict"]}
    assert [sentence.split(":")[0] for sentence in said] == ["apidocs", "trec"]
    for sentence, corpus in zip(said, ("apidocs", "trec"), strict=True):
        gain = data[corpus]["gain"]
        assert f"{corpus}: use elr" in sentence
        printed = [float(number) for number in re.findall(r"\d+\.\d", sentence)]
        assert printed[:2] == pytest.approx([gain["difference"], gain["low"]], abs=0.051)
        assert "2 noises" in sentence
        assert printed[2:] == pytest.approx([gain["high"], 1.0], abs=0.051)


def test_a_single_noise_is_named(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    (said,) = opening(result_set_of(factory.grid(METHODS, NOISES[:1], [1, 2, 3, 4, 5])))
    assert "under symmetric(0.2)" in said


def test_without_a_better_method_the_nearest_is_said_under_both_rules(factory, result_set_of):
    (said,) = opening(result_set_of(factory.grid(METHODS, NOISES, [1, 2, 3])))
    assert "stay with cross_entropy" in said
    assert said.count("not beyond luck") == 2


def test_without_a_noisy_cell_the_opening_says_what_it_takes(factory, result_set_of):
    (said,) = opening(result_set_of(factory.grid(METHODS, ["clean()"], [1, 2])))
    assert "cross_entropy" in said


def test_a_corpus_without_a_verdict_is_named_beside_the_others(factory, result_set_of):
    grid = factory.grid(METHODS, NOISES, [1, 2, 3], ["trec", "apidocs"])
    lost = [one for one in grid if (one.corpus, one.method, one.noise, one.seed) != ("trec", "elr", NOISES[0], 1)]
    gone = [one for one in lost if (one.corpus, one.method, one.noise, one.seed) != ("trec", "gce", NOISES[0], 1)]
    said = {sentence.split(":")[0]: sentence for sentence in opening(result_set_of(gone))}
    assert "stay with cross_entropy" in said["apidocs"]
    assert "no verdict" in said["trec"]


@pytest.mark.parametrize("corpora", [["trec"], ["trec", "apidocs"]])
def test_the_page_names_a_corpus_whose_reference_lacks_a_trial(factory, result_set_of, corpora):
    grid = factory.grid(METHODS, NOISES, [1, 2, 3], corpora)
    gone = [one for one in grid if (one.corpus, one.method, one.seed) != ("trec", "cross_entropy", 1)]
    gone.append(factory.record("cross_entropy", NOISES[1], 1))
    told = [answer.use for answer in answers(result_set_of(gone))]
    assert len(told) == len(corpora)
    assert told[-1].startswith("trec: no verdict")


def test_the_data_are_points_and_hold_no_number_that_json_lacks(factory, result_set_of):
    factory.skills = {"elr": 1.0}
    data = verdict_data(result_set_of(factory.grid(METHODS, NOISES, [1])))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    (found,) = data["verdict"]
    assert found["gain"]["low"] is None
    assert found["gain"]["difference"] > 1
