"""How many trials share a GPU, by made records."""

from types import SimpleNamespace

import pytest

import benchmark.running.executors.resources as resources_module
import benchmark.running.gpu_share as share_module
from benchmark.contracts import BenchmarkError
from benchmark.records import machine
from benchmark.running.executors.resources import Resources
from benchmark.running.gpu_share import HEADROOM, MOST_ON_A_GPU, PROCESS_MIB, gpu_need, with_gpu_share
from tests.support.records import Factory

GIB = 1024.0


def trial(encoder="minilm", recipe="fine-tuned", corpus="trec"):
    return SimpleNamespace(encoder=encoder, recipe={"name": recipe}, corpus=corpus)


def records(*peaks, encoder="minilm", recipe="fine-tuned"):
    factory = Factory(encoder=encoder, recipe=recipe)
    made = [factory.record(seed=seed) for seed in range(len(peaks))]
    return {
        f"{encoder} {recipe} {seed}": record.model_copy(
            update={"costs": record.costs.model_copy(update={"gpu_peak_mib": peak})}
        )
        for seed, (record, peak) in enumerate(zip(made, peaks, strict=True))
    }


def test_the_highest_peak_of_a_recipe_counts_with_headroom_and_the_process():
    assert gpu_need([trial()], records(1000.0, 2500.0, None)).mib == HEADROOM * 2500.0 + PROCESS_MIB


@pytest.mark.parametrize(("memory", "count"), [(80 * GIB, 8), (24 * GIB, 4), (16 * GIB, 2), (6 * GIB, 1), (1.0, 1)])
def test_as_many_trials_share_a_gpu_as_its_memory_holds_and_at_most_eight(memory, count):
    assert gpu_need([trial()], records(2500.0)).trials_on(memory) == count


def test_the_dearest_of_several_recipes_decides():
    known = records(2500.0) | records(50.0, encoder="frozen:minilm", recipe="frozen")
    both = [trial(), trial("frozen:minilm", "frozen")]
    assert gpu_need(both, known).trials_on(24 * GIB) == 4
    assert gpu_need(both[1:], known).trials_on(24 * GIB) == MOST_ON_A_GPU


def test_records_of_a_cpu_or_of_another_recipe_say_nothing():
    known = records(None) | records(2500.0, recipe="fine-tuned-batch64")
    assert gpu_need([trial()], known).unmeasured == ("minilm (trec)",)


def test_records_of_another_corpus_say_nothing_since_its_texts_may_be_longer():
    need = gpu_need([trial(), trial(corpus="20news"), trial(corpus="hausa")], records(50.0))
    assert need.unmeasured == ("minilm (20news, hausa)",)
    assert need.trials_on(80 * GIB) == 1


@pytest.mark.parametrize(
    ("encoder", "count"), [("frozen:minilm", 8), ("minilm", 1), ("scratch:tiny", 1), ("bert-base-uncased", 1)]
)
def test_until_it_is_measured_heads_share_a_gpu_and_fine_tuned_encoders_do_not(encoder, count):
    assert gpu_need([trial(encoder)], {}).trials_on(24 * GIB) == count


def test_an_encoder_without_a_record_bounds_those_with_one():
    known = records(50.0, encoder="frozen:minilm", recipe="frozen")
    assert gpu_need([trial("frozen:minilm", "frozen"), trial("bert-base-uncased")], known).trials_on(80 * GIB) == 1


def test_a_measured_need_says_nothing_of_a_gpu_whose_memory_is_unknown():
    assert gpu_need([trial()], records(2500.0)).trials_on(None) == 1


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(resources_module, "gpus", lambda: 2)
    monkeypatch.setattr(resources_module, "cores", lambda: 32)
    monkeypatch.setattr(share_module, "gpu_memory_mib", lambda: 24 * GIB)


def shared(asked, known, told):
    return with_gpu_share(asked, asked.checked(), [trial()], known, told.append)


def test_trials_get_their_part_of_a_gpu_and_workers_to_fill_all(two_gpus):
    told = []
    found = shared(Resources(gpu=True), records(2500.0), told)
    assert (found.gpus_per_trial, found.workers) == (0.25, 8)
    assert "Up to 4 trial(s)" in told[0]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_parts_of_a_gpu_are_no_more_than_the_whole(two_gpus, monkeypatch, count):
    monkeypatch.setattr(share_module, "MOST_ON_A_GPU", count)
    found = shared(Resources(gpu=True), records(10.0), [])
    assert found.gpus_per_trial * count <= 1.0
    assert found.workers == 2 * count


def test_what_the_user_says_counts(two_gpus):
    told = []
    found = shared(Resources(gpu=True, gpus_per_trial=0.5, workers=3), records(2500.0), told)
    assert (found.gpus_per_trial, found.workers) == (0.5, 3)
    assert told == []


def test_without_the_option_trials_stay_on_the_cpu(two_gpus):
    assert shared(Resources(), records(2500.0), []).gpus_per_trial == 0.0


def test_a_machine_without_a_gpu_is_refused_by_the_options_name(monkeypatch):
    monkeypatch.setattr(resources_module, "gpus", lambda: 0)
    with pytest.raises(BenchmarkError, match="--gpu asks for 1 and this machine has 0"):
        Resources(gpu=True).checked()


def test_threads_are_those_of_the_trials(two_gpus):
    asked = Resources(gpu=True)
    checked = Resources(gpu=True, threads_per_trial=4).checked()
    assert with_gpu_share(asked, checked, [trial()], records(2500.0), [].append).threads_per_trial == 4


def test_without_a_trial_to_run_nothing_is_told(two_gpus):
    told = []
    asked = Resources(gpu=True)
    assert with_gpu_share(asked, asked.checked(), [], {}, told.append) == asked.checked()
    assert told == []


def test_the_smallest_of_several_gpus_decides(monkeypatch):
    sizes = (24 * 2**30, 16 * 2**30)
    monkeypatch.setattr(machine, "gpus", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda number: SimpleNamespace(total_memory=sizes[number]))
    assert machine.gpu_memory_mib() == 16 * GIB
