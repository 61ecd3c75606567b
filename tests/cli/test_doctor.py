import pytest

from benchmark.cli import doctor as doctor_module
from benchmark.conformance import gpu
from benchmark.corpora import corpus_names
from benchmark.training import precision


def test_the_machine_is_described(command):
    ended = command("doctor")
    assert ended.code == 0
    assert "The demo can run" in ended.out
    for part in ("Python 3", "torch", "cores", "GiB", "encoder frozen:minilm", *corpus_names()):
        assert part in ended.out


def test_without_the_offline_encoder_it_says_so(command, monkeypatch):
    from benchmark.training.encoders.names import Encoder

    monkeypatch.setattr(Encoder, "at_hand", lambda self: False)
    ended = command("doctor")
    assert ended.code == 1
    assert "The demo cannot run" in ended.out


@pytest.mark.parametrize(("has", "told"), [(True, True), (False, False)])
def test_it_says_whether_the_processor_has_bfloat16(command, monkeypatch, has, told):
    monkeypatch.setattr(precision, "cpu_has_bfloat16", lambda: has)
    line = next(line for line in command("doctor").out.splitlines() if "CPU:" in line)
    assert ("bfloat16" in line) is told


def test_without_a_gpu_its_bits_are_not_checked_and_it_says_why(command, monkeypatch):
    monkeypatch.setattr("benchmark.records.machine.gpus", lambda: 0)
    assert "not checked, since this machine has no CUDA device" in " ".join(command("doctor").out.split())


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (lambda: [gpu.Finding(False, "two trainings have the same bits")], "odd two trainings have the same bits"),
        (lambda: 1 / 0, "a training on cuda failed: ZeroDivisionError"),
    ],
)
def test_what_is_odd_about_a_gpu_is_said_and_ends_nothing(command, monkeypatch, check, told):
    monkeypatch.setattr(doctor_module, "_arithmetic", lambda: [])
    monkeypatch.setattr("benchmark.records.machine.gpus", lambda: 1)
    monkeypatch.setattr(gpu, "check_device", check)
    ended = command("doctor")
    assert ended.code == 0
    assert told in " ".join(ended.out.split())
