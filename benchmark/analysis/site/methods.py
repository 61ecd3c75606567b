"""What the registry says of a method, for its page."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from benchmark.analysis.layout.paragraphs import paragraphs
from benchmark.contracts import Method, method_from
from benchmark.contracts.errors import BenchmarkError

PLAIN = "–"
ESTIMATE = "an estimate of the noise rate"
OUTSIDE = "It comes from a plug-in, of which this site knows no more than its records say."
PACKAGE = "methods."


@dataclass(frozen=True, slots=True)
class MethodWords:
    """What a method says of itself.

    `text` holds the paragraphs of its description with its equation, `source` the place
    of its code, and `needs` what it is given beside noisy training and validation data.
    Without a registered method there is one paragraph that says so.
    """

    text: tuple[str, ...]
    family: str = ""
    networks: int = 1
    needs: str = PLAIN
    parameters: tuple[tuple[str, str], ...] = ()
    departures: tuple[str, ...] = ()
    citation: str = ""
    source: str = ""
    unranked: str = ""


def words_of(name: str) -> MethodWords:
    """Give what the registry knows of a method, named as in a record."""
    try:
        found = method_from(name)
    except BenchmarkError:
        return MethodWords((OUTSIDE,))
    return MethodWords(
        text=tuple(paragraphs(type(found).__doc__ or "")),
        family=found.family,
        networks=found.networks,
        needs=", ".join(_needs(found)) or PLAIN,
        parameters=_parameters(found),
        departures=tuple(found.departures),
        citation=found.citation,
        source=_source(type(found).__module__),
        unranked="an oracle" if found.oracle else "a control" if found.control else "",
    )


def _needs(method: Method) -> list[str]:
    """Give what the method is given beside noisy training and validation data."""
    declared = sorted(need.value.replace("_", " ") for need in method.needs())
    return [*declared, *([ESTIMATE] if method.noise_rate_source == "estimated" else [])]


def _parameters(method: Method) -> tuple[tuple[str, str], ...]:
    from benchmark.contracts.parameters.fields import parameters_of

    return tuple((each.name, str(getattr(method, each.name))) for each in parameters_of(type(method)))


def _source(module: str) -> str:
    """Give the file or folder of a method of this project, else the empty text."""
    if not module.startswith(PACKAGE):
        return ""
    place = module.replace(".", "/")
    return f"{place}/" if hasattr(sys.modules[module], "__path__") else f"{place}.py"
