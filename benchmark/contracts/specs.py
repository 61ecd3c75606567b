"""Methods and noises as text: `gce[q=0.4]`, `symmetric(0.4)`, and the dataclass fields behind them."""

from __future__ import annotations

import dataclasses
import re
import typing
from typing import Any, TypeVar

from benchmark.contracts.errors import BenchmarkError, UnknownNameError

T = TypeVar("T")

PATTERN = re.compile(r"^\s*([A-Za-z_]\w*)\s*(?:[\[(](.*)[\])])?\s*$")


def split_call(text: str, kind: str) -> tuple[str, list[str], dict[str, str]]:
    """Name, positional and named arguments of `name`, `name(a, k=v)` or `name[k=v]`.

    >>> split_call("symmetric(0.4)", "noise")
    ('symmetric', ['0.4'], {})
    >>> split_call("gce[q=0.4]", "method")
    ('gce', [], {'q': '0.4'})
    """
    match = PATTERN.match(text)
    if match is None:
        raise BenchmarkError(f"Cannot read {kind} '{text}'. Write a name, as in {EXAMPLES.get(kind, 'name')}.")
    positional: list[str] = []
    named: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in (match[2] or "").split(","))):
        key, equals, value = part.partition("=")
        if equals:
            named[key.strip()] = value.strip()
        elif named:
            raise BenchmarkError(f"In {kind} '{text}' the value '{part}' must come before the named ones.")
        else:
            positional.append(part)
    return match[1], positional, named


EXAMPLES = {"method": "gce or gce[q=0.4]", "noise": "symmetric(0.4), observed(weak) or clean()"}


def build(cls: type[T], positional: list[str], named: dict[str, str], kind: str) -> T:
    """An instance of a frozen dataclass from texts; unknown or unreadable values are named, never dropped."""
    fields = [f for f in dataclasses.fields(cls) if f.init]  # type: ignore[arg-type]
    types = typing.get_type_hints(cls)
    name = getattr(cls, "name", cls.__name__)
    if len(positional) > len(fields):
        allowed = ", ".join(f.name for f in fields) or "no parameter"
        raise BenchmarkError(f"{kind} '{name}' takes {allowed}; {len(positional)} values were given.")
    values: dict[str, Any] = {}
    for field, text in zip(fields, positional, strict=False):
        values[field.name] = convert(text, types[field.name], f"{kind} {name}.{field.name}")
    for key, text in named.items():
        if key not in {f.name for f in fields}:
            raise UnknownNameError(f"parameter of {kind} {name}:", key, [f.name for f in fields])
        if key in values:
            raise BenchmarkError(f"{kind} {name}.{key} is given twice.")
        values[key] = convert(text, types[key], f"{kind} {name}.{key}")
    missing = [
        f.name
        for f in fields
        if f.name not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise BenchmarkError(
            f"{kind} '{name}' needs {', '.join(missing)}, as in {name}({', '.join('…' for _ in missing)})."
        )
    return cls(**values)


def convert(text: str, target: Any, where: str) -> Any:
    """A value of the annotated type from text; booleans are `true` or `false` and nothing else."""
    origin = typing.get_origin(target)
    if origin is typing.Literal:
        choices = {str(choice): choice for choice in typing.get_args(target)}
        if text not in choices:
            raise UnknownNameError(f"value of {where}:", text, choices)
        return choices[text]
    if origin is not None:
        options = [option for option in typing.get_args(target) if option is not type(None)]
        if len(options) < len(typing.get_args(target)) and text.lower() == "none":
            return None
        if len(options) == 1:
            return convert(text, options[0], where)
        for option in options:
            try:
                return convert(text, option, where)
            except BenchmarkError:
                continue
        raise BenchmarkError(f"{where} cannot be '{text}'.")
    try:
        if target is bool:
            return {"true": True, "false": False}[text.lower()]
        if target in (int, float, str):
            return target(text)
    except (KeyError, ValueError):
        allowed = "true or false" if target is bool else f"a number ({target.__name__})"
        raise BenchmarkError(f"{where} is '{text}' but must be {allowed}.") from None
    raise BenchmarkError(f"{where} cannot be set from text.")


def write_call(member: Any, brackets: str = "[]", always: tuple[str, ...] = ()) -> str:
    """The shortest text that gives the instance back: fields that differ from their defaults, and `always`.

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
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def written(value: Any) -> str:
    """A parameter's value as the text that gives it back.

    >>> written(True), written(10.0), written("weak")
    ('true', '10', 'weak')
    """
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
