import json
import resource
import subprocess
import sys

import pytest

from benchmark.files.kept_arrays import LIMIT_VARIABLE
from benchmark.records.run_folder import RunFolder
from benchmark.training.encoders.names import encoder_from

HEAVY = ("torch", "ray", "pandas", "sklearn", "scipy", "transformers", "pyarrow", "huggingface_hub.hf_api")
SECONDS_FOR_HELP = 0.8  # the bar is 0.5 s; the rest is for a busy machine


def loaded(*arguments, extra=""):
    """The heavy modules that a command imports."""
    code = (
        "import json, sys\n"
        f"sys.argv = {['benchmark', *map(str, arguments)]!r}\n"
        "from benchmark.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        f"print('\\n' + json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("run", "--help"),
        ("list", "methods"),
        ("list", "methods", "-v"),
        ("list", "methods", "--bibtex"),
        ("explain", "dygen"),
        ("explain", "contract"),
        ("speed", "--help"),
        ("list", "noises"),
        ("list", "corpora"),
        ("list", "encoders"),
        ("list", "grids"),
        ("plan", "--grid", "demo"),
    ],
    ids=" ".join,
)
def test_looking_imports_nothing_heavy(arguments):
    assert loaded(*arguments) == []


def test_a_plan_asks_no_library_about_weights_that_its_cache_has_no_folder_for(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert loaded("plan", "--grid", "demo", "--encoder", "bert-base-uncased", "--out", tmp_path / "run") == []


def test_a_run_with_nothing_to_do_imports_neither_torch_nor_ray(run_copy, two_methods):
    before = {path: path.stat().st_mtime_ns for path in (run_copy / "records").iterdir()}
    assert not {"torch", "ray"} & set(loaded("run", *two_methods, "--out", run_copy))
    assert before == {path: path.stat().st_mtime_ns for path in RunFolder(run_copy).records.iterdir()}


def test_importing_the_package_is_light():
    code = "import sys, benchmark; print([m for m in sys.modules if m in ('numpy', 'pydantic', 'torch', 'ray')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_a_process_that_hands_trials_on_imports_no_torch():
    code = (
        "import sys, benchmark.running.executors.ray_tune; print([m for m in sys.modules if m in ('torch', 'numpy')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "['numpy']"


@pytest.mark.skipif(not encoder_from("minilm").at_hand(), reason="the weights of minilm are not installed")
def test_a_second_plan_of_a_table_imports_no_tokenizer(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    table = tmp_path / "tickets.csv"
    rows = [f"{number} {'money ' * 150},{'ab'[number % 2]}" for number in range(60)]
    table.write_text("text,label\n" + "\n".join(rows))
    plan = ("plan", "--data", table, "--text-column", "text", "--label-column", "label", "--encoder", "frozen:minilm")
    assert "transformers" in loaded(*plan, "--out", tmp_path / "run")
    assert not {"transformers", "torch"} & set(loaded(*plan, "--out", tmp_path / "run"))


def test_help_is_quick():
    def seconds():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "benchmark", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(seconds() for _ in range(3)) < SECONDS_FOR_HELP
