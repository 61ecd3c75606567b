"""`python -m benchmark`."""

import sys
from pathlib import Path

OWN = ("benchmark", "methods", "noise")
OLDEST_PYTHON = (3, 11)
VENV = Path(__file__).resolve().parents[1] / ".venv"


def start() -> None:
    """Run the command line, or name the environment to use instead of this Python."""
    if sys.version_info < OLDEST_PYTHON:
        refuse("Python {}.{} or newer is needed; this is {}.{}.".format(*OLDEST_PYTHON, *sys.version_info))
    try:
        from benchmark.cli import main

        main()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", *OWN):
            raise
        refuse(f"The package '{package}' is missing in {sys.executable}.")


def refuse(why: str) -> None:
    """Say why nothing can run and which Python to use instead, and exit with code 2."""
    python = VENV / "bin" / "python"
    made = "" if python.exists() else "Make the environment by `make environment`, then use "
    sys.stderr.write(f"Error  {why} {made or 'Use '}the one in .venv: {python} -m benchmark\n")
    sys.exit(2)


start()
