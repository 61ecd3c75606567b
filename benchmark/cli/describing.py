"""What is known of a method or a noise, as data and as lines of text, for `list` and
`explain`.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchmark.analysis.layout.paragraphs import paragraphs

if TYPE_CHECKING:
    from benchmark.contracts import Method, NoiseModel

Row = dict[str, Any]

NEEDY, ORACLE, CONTROL = "†", "‡", "§"
"""As in a report's tables."""


def rows_of(what: str) -> list[Row]:
    """Give what all methods or noises declare, one row each."""
    from benchmark.contracts import method_from, methods, noises

    if what == "methods":
        return [method_row(method_from(name)) for name in methods]
    return [noise_row(noises[name]) for name in noises]


def method_row(method: Method) -> Row:
    """Give all that an instance declares; `needs` and parameters are this
    instance's.
    """
    return {
        "name": method.name,
        "version": method.version,
        "measured_as": str(method),
        "family": method.family,
        "networks": method.networks,
        "parameters": {f.name: getattr(method, f.name) for f in dataclasses.fields(method)},  # type: ignore[arg-type]
        "ranges": _ranges(type(method)),
        "needs": sorted(need.value for need in method.needs()),
        "oracle": method.oracle,
        "control": method.control,
        "about": _first_paragraph(type(method)),
        "docstring": type(method).__doc__ or "",
        "departures": list(method.departures),
        "citation": method.citation,
    }


def noise_row(noise: type[NoiseModel]) -> Row:
    """Give all that a noise model declares; a parameter without a default is
    `required`.
    """
    fields = dataclasses.fields(noise)  # type: ignore[arg-type]
    return {
        "name": noise.name,
        "family": noise.family,
        "parameters": {f.name: "required" if f.default is dataclasses.MISSING else f.default for f in fields},
        "ranges": _ranges(noise),
        "about": _first_paragraph(noise),
        "docstring": noise.__doc__ or "",
        "citation": noise.citation,
    }


def described(row: Row, *, flowing: bool = False) -> Iterator[str]:
    """Yield docstring, parameters, networks, needs and departures, line by line.

    A docstring that is `flowing` has each paragraph on one line.
    """
    yield from paragraphs(row["docstring"]) if flowing else inspect.cleandoc(row["docstring"]).splitlines()
    yield f"  parameters: {shown(row['parameters']) or 'none'}"
    for name, allowed in row["ranges"].items():
        yield f"    {name}: {allowed}"
    if "networks" in row:
        yield f"  family: {row['family'] or 'none'}; networks: {row['networks']}"
        yield f"  needs: {shown(row['needs']) or 'noisy training and validation data only'}"
    if row.get("control"):
        yield "  a control: never ranked"
    for line in row.get("departures", []):
        yield f"  departs: {line}"


def expected(row: Row) -> Iterator[str]:
    """Yield what was measured for a method, line by line; nothing for a noise."""
    from benchmark.analysis.expectations import expectation_lines

    if "measured_as" in row:
        yield from expectation_lines(row["measured_as"], row["version"])


def marks(row: Row) -> str:
    """Give the signs behind a method's name, each after a space."""
    oracle, control = row.get("oracle"), row.get("control")
    signs = [(ORACLE, oracle), (NEEDY, row.get("needs") and not oracle), (CONTROL, control)]
    return "".join(f" {sign}" for sign, holds in signs if holds)


def shown(value: Any) -> str:
    """Write a value of a row on one line, parameters as the command line takes them."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, dict):
        return " ".join(f"{key}={str(item).lower() if isinstance(item, bool) else item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _ranges(cls: type) -> dict[str, str]:
    """Say what each parameter may be."""
    from benchmark.contracts.parameters.fields import parameters_of

    return {parameter.name: parameter.allowed for parameter in parameters_of(cls)}


def _first_paragraph(cls: type) -> str:
    return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
