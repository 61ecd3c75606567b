"""Methods and noises as text: `gce[q=0.4]`, `symmetric(0.4)`, and the dataclass fields
behind them.
"""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from benchmark.contracts.errors import BenchmarkError, UnknownNameError
from benchmark.contracts.parameters.fields import Parameter, parameters_of
from benchmark.contracts.parameters.quoting import NEUTRAL, masked, quoted, unquoted

T = TypeVar("T")

PATTERN = re.compile(r"^\s*([A-Za-z_]\w*)\s*(?:[\[(](.*)[\])])?\s*$")


def split_call(text: str, kind: str) -> tuple[str, list[str], dict[str, str]]:
    """Name, positional and named arguments of `name`, `name(a, k=v)` or `name[k=v]`.

    >>> split_call("symmetric(0.4)", "noise")
    ('symmetric', ['0.4'], {})
    >>> split_call("gce[q=0.4]", "method")
    ('gce', [], {'q': '0.4'})
    """
    shape = masked(text)
    match = PATTERN.match(shape)
    if match is None:
        raise BenchmarkError(f"Cannot read {kind} '{text}'. Write a name, as in {EXAMPLES.get(kind, 'name')}.")
    positional: list[str] = []
    named: dict[str, str] = {}
    inner = slice(*match.span(2)) if match[2] else slice(0)
    for part, outline in _parts(text[inner], shape[inner], ","):
        key, equals, _ = outline.partition("=")
        if equals:
            named[part[: len(key)].strip()] = unquoted(part[len(key) + 1 :].strip())
        elif named:
            raise BenchmarkError(f"In {kind} '{text}' the value '{part}' must come before the named ones.")
        elif part:
            positional.append(unquoted(part))
    return match[1], positional, named


EXAMPLES = {"method": "gce or gce[q=0.4]", "noise": "symmetric(0.4), observed(weak) or clean()"}


def build(cls: type[T], positional: list[str], named: dict[str, str], kind: str) -> T:
    """An instance of a frozen dataclass from texts.

    Unknown or unreadable values are named, never dropped.
    """
    parameters = {parameter.name: parameter for parameter in parameters_of(cls)}
    name = getattr(cls, "name", cls.__name__)
    where = f"{kind} {name}"
    if len(positional) > len(parameters):
        allowed = ", ".join(parameters) or "no parameter"
        raise BenchmarkError(f"{kind} '{name}' takes {allowed}; {len(positional)} values were given.")
    values: dict[str, Any] = {}
    for parameter, text in zip(parameters.values(), positional, strict=False):
        values[parameter.name] = convert(text, parameter, where)
    for key, text in named.items():
        if key not in parameters:
            raise UnknownNameError(f"parameter of {kind} {name}:", key, parameters)
        if key in values:
            raise BenchmarkError(f"{kind} {name}.{key} is given twice.")
        values[key] = convert(text, parameters[key], where)
    missing = [key for key, parameter in parameters.items() if parameter.required and key not in values]
    if missing:
        raise BenchmarkError(
            f"{kind} '{name}' needs {', '.join(missing)}, as in {name}({', '.join('…' for _ in missing)})."
        )
    return cls(**values)


def convert(text: str, parameter: Parameter, where: str) -> Any:
    """Read the value of a parameter from a text.

    Of a union's members None comes first, then the first that has such a value.

    Parameters
    ----------
    text : the value as written; truth values are `true` or `false` and nothing else.
    parameter : its type and range; what they do not allow is a BenchmarkError.
    where : what the method or noise is called in the message.
    """
    options = sorted(parameter.options, key=lambda option: option is not type(None))
    read = [value for option in options for value in _read(text, option)]
    fitting = [value for value in read if parameter.holds(value)]
    if fitting:
        return fitting[0]
    literal = [option for option in parameter.options if option is not type(None)]
    if not read and all(typing.get_origin(option) is typing.Literal for option in literal):
        choices = [str(choice) for option in literal for choice in typing.get_args(option)]
        choices += ["none"] * (type(None) in parameter.options)
        raise UnknownNameError(f"value of {where}.{parameter.name}:", text, choices)
    if not any(option in READ or typing.get_origin(option) is typing.Literal for option in parameter.options):
        raise BenchmarkError(f"{where}.{parameter.name} cannot be set from text.")
    raise parameter.refusal(read[0] if read else text, where)


READ: dict[Any, Callable[[str], Any]] = {
    bool: lambda text: {"true": True, "false": False}[text.lower()],
    int: int,
    float: float,
    str: str,
    type(None): lambda text: {"none": None}[text.lower()],
}
"""How a text is read as a value of each type."""


def _read(text: str, option: Any) -> list[Any]:
    """Give a list of the value that the text stands for, empty where it is none."""
    if typing.get_origin(option) is typing.Literal:
        return [choice for choice in typing.get_args(option) if str(choice) == text]
    try:
        return [READ[option](text)]
    except (KeyError, TypeError, ValueError):
        return []


def write_call(member: Any, brackets: str = "[]", always: tuple[str, ...] = ()) -> str:
    """The shortest text that gives the instance back: fields that differ from their
    defaults, and `always`.

    `always` fields are written as positional values.
    """
    parts = []
    for field in dataclasses.fields(member):
        value = getattr(member, field.name)
        if field.name in always:
            parts.append(written(value))
        elif value != field.default:
            parts.append(f"{field.name}={written(value)}")
    inner = ",".join(parts)
    opening, closing = brackets[0], brackets[1]
    if not inner and brackets == "[]":
        return str(member.name)
    return f"{member.name}{opening}{inner}{closing}"


def split_outside_brackets(text: str, sign: str) -> list[str]:
    """The parts of a text between signs that stand outside brackets, stripped.

    >>> split_outside_brackets("gce[q=0.4,x=1], elr", ",")
    ['gce[q=0.4,x=1]', 'elr']
    """
    shape, depth = list(masked(text)), 0
    for place, letter in enumerate(shape):
        depth += (letter in "([") - (letter in ")]")
        if depth and letter == sign:
            shape[place] = NEUTRAL
    return [part for part, _ in _parts(text, "".join(shape), sign)]


def _parts(text: str, shape: str, sign: str) -> Iterator[tuple[str, str]]:
    """The parts of a text and of its shape, which is as long, between the signs in the
    shape, stripped.
    """
    start = 0
    for outline in shape.split(sign):
        part = text[start : start + len(outline)]
        inner = slice(len(part) - len(part.lstrip()), len(part.rstrip()))
        yield part[inner], outline[inner]
        start += len(outline) + len(sign)


def written(value: Any) -> str:
    """A parameter's value as the text that gives it back.

    >>> written(True), written(10.0), written("weak")
    ('true', '10', 'weak')
    """
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
