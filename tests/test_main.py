"""`python -m benchmark` in a Python that lacks what the project needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def without_packages(*arguments, code=""):
    """The command line in a Python that sees the project and no package."""
    program = f"import sys, runpy; sys.path.insert(0, {str(ROOT)!r}); {code}sys.argv[1:] = {list(arguments)!r}; "
    program += "runpy.run_module('benchmark', run_name='__main__', alter_sys=True)"
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True)


def test_a_python_without_packages_is_told_in_one_line_which_environment_to_use():
    done = without_packages("list", "methods")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert ".venv" in done.stderr
    assert "'typer'" in done.stderr


def test_a_python_that_is_too_old_is_told_which_one_is_needed():
    done = without_packages(code="sys.version_info = (3, 9, 1); ")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "3.11" in done.stderr
    assert "3.9" in done.stderr


def test_a_module_of_the_project_that_is_missing_is_not_taken_for_a_missing_package():
    done = without_packages(code="sys.modules['benchmark.cli'] = None; ")
    assert "Traceback" in done.stderr
