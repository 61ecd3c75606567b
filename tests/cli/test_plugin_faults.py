"""What the code of a plug-in raises outside of a trial is told without a traceback."""

import subprocess
import sys

import pytest

PLUGIN = '''
from benchmark.contracts import GradientMethod, register


@register
class OwnLoss(GradientMethod):
    """A loss."""

    name = "own_loss"
    family = "regularisation"

    def {where}:
        {what}

    def loss(self, batch):
        return -batch.log_probabilities.mean()
'''


@pytest.mark.parametrize(
    ("verb", "where", "what"),
    [
        ("check", "__post_init__(self)", "raise ValueError('no good start')"),
        ("check", "needs(self)", "raise SystemExit(0)"),
        ("explain", "needs(self)", "raise ValueError('no needs')"),
    ],
)
def test_an_exception_of_a_plugin_names_its_file_and_line(tmp_path, verb, where, what):
    plugin = tmp_path / "own_loss.py"
    plugin.write_text(PLUGIN.format(where=where, what=what), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "benchmark", verb, "own_loss", "--plugin", str(plugin)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    said = " ".join(ended.stderr.split())
    assert ended.returncode == 2, said
    assert "Traceback" not in said
    assert "'own_loss.py' failed in line 13" in said
