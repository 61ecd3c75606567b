import json

from benchmark.contracts import methods
from benchmark.experiment.measured_archives import measured
from benchmark.experiment.measured_seconds import FILE, measured_seconds


def test_the_packaged_seconds_are_those_of_the_archives():
    packaged = json.loads(FILE.read_text(encoding="utf-8"))
    assert measured(packaged["timing_s"]) == packaged


def test_every_measured_method_is_registered_and_took_some_time():
    for setting in measured_seconds()["settings"].values():
        assert set(setting["methods"]) <= set(methods)
        assert min(setting["methods"].values()) > 0
