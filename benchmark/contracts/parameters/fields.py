"""Types and ranges of parameters, read from fields and checked on construction."""

from __future__ import annotations

import dataclasses
import functools
import math
import numbers
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

from benchmark.contracts.errors import BenchmarkError
from benchmark.contracts.parameters.ranges import BOUNDS, Matching, Range, Sizes, Within, listed

PLAIN = {int: "a whole number", float: "a number", str: "a text"}
"""Types whose values need a range, with their names in messages."""


@dataclass(frozen=True)
class Parameter:
    """One field of a method or a noise.

    Parameters
    ----------
    type : its annotation without the range.
    range : what bounds its numbers or texts; None where nothing is declared.
    default : `dataclasses.MISSING` where a value must be given.
    """

    name: str
    type: Any
    range: Range | None
    default: Any

    @property
    def options(self) -> tuple[Any, ...]:
        """The members of its type if that is a union, else the type alone."""
        is_union = typing.get_origin(self.type) in (Union, types.UnionType)
        return typing.get_args(self.type) if is_union else (self.type,)

    @property
    def declared(self) -> bool:
        """Whether its range is known; `bool` and `Literal` are ranges by themselves."""
        closed = (bool, types.NoneType)
        return self.range is not None or all(o in closed or typing.get_origin(o) is Literal for o in self.options)

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.default is dataclasses.MISSING

    @property
    def allowed(self) -> str:
        """What it may be, in words, as in `oracle or a number in [0, 1)`."""
        return listed([words for option in self.options for words in self._words(option)])

    def holds(self, value: Any) -> bool:
        """Tell whether it may have the value, ends that a cell sets apart."""
        return any(self._holds(option, value) for option in self.options)

    def check(self, value: Any, where: str) -> None:
        """Raise the refusal of the value unless it is allowed."""
        if not self.holds(value):
            raise self.refusal(value, where)

    def refusal(self, value: Any, where: str) -> BenchmarkError:
        """Give the error that names the parameter, the value and what is allowed."""
        telling = isinstance(self.range, Within) and _is_number(self.default)
        example = f", as in {shown(self.default)}" if telling else ""
        given = f"'{value}'" if isinstance(value, str) else shown(value)
        return BenchmarkError(f"{where}.{self.name} is {given} but must be {self.allowed}{example}.")

    def check_sizes(self, value: Any, sizes: Sizes, where: str) -> None:
        """Raise a BenchmarkError where the value is beyond an end that the cell
        sets.
        """
        if not (isinstance(self.range, Within) and isinstance(self.range.high, str)) or not _is_number(value):
            return
        most = sizes.bound(self.range.high)
        if most is not None and value > most:
            raise BenchmarkError(
                f"{where}.{self.name} is {shown(value)} but must be {self.allowed}, which is {most:.6g} here."
            )

    def _words(self, option: Any) -> list[str]:
        if typing.get_origin(option) is Literal:
            return [shown(choice) for choice in typing.get_args(option)]
        if option is bool:
            return ["true", "false"]
        if option is types.NoneType:
            return ["none"]
        if isinstance(self.range, Matching) and option is str:
            return [str(self.range)]
        words = PLAIN.get(option, getattr(option, "__name__", str(option)))
        return [f"{words} {self.range}" if isinstance(self.range, Within) and option in (int, float) else words]

    def _holds(self, option: Any, value: Any) -> bool:
        """Tell whether the value belongs to this member of the union."""
        if typing.get_origin(option) is Literal:
            return any(type(choice) is type(value) and choice == value for choice in typing.get_args(option))
        if option in (int, float):
            finite = _is_number(value, option) and -math.inf < value < math.inf
            return finite and (not isinstance(self.range, Within) or self.range.holds(value))
        if option is str:
            return isinstance(value, str) and (not isinstance(self.range, Matching) or self.range.holds(value))
        # What a plug-in's own type allows is the plug-in's business.
        return isinstance(value, option) if option in (bool, types.NoneType) else True


def parameters_of(cls: type[Any]) -> tuple[Parameter, ...]:
    """Give the parameters of a method's or a noise's class.

    Parameters
    ----------
    cls : a dataclass; an annotation that cannot be resolved is a BenchmarkError.

    Returns
    -------
    One `Parameter` a field, in the order of the fields.
    """
    key: Any = cls
    return _read(key)


@functools.cache
def _read(cls: Any) -> tuple[Parameter, ...]:
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise BenchmarkError(
            f"The annotations of {cls.__name__} name '{error.name}', which its module does not define. Import it there."
        ) from None
    return tuple(
        Parameter(field.name, *_split(hints[field.name]), _default(field))
        for field in dataclasses.fields(cls)
        if field.init
    )


def _default(field: dataclasses.Field[Any]) -> Any:
    made = field.default_factory
    return field.default if made is dataclasses.MISSING else made()


def _split(hint: Any) -> tuple[Any, Range | None]:
    """Part an annotation into type and range; the range may stand inside a union."""
    if typing.get_origin(hint) is Annotated:
        found = next((extra for extra in hint.__metadata__ if isinstance(extra, Within | Matching)), None)
        inner, deeper = _split(hint.__origin__)
        return inner, found or deeper
    if typing.get_origin(hint) in (Union, types.UnionType):
        parts = [_split(part) for part in typing.get_args(hint)]
        return Union[tuple(part for part, _ in parts)], next((found for _, found in parts if found), None)  # noqa: UP007
    return hint, None


def undeclared(cls: type[Any]) -> list[str]:
    """Name the parameters of a class that declare no range."""
    return [parameter.name for parameter in parameters_of(cls) if not parameter.declared]


def checked_dataclass(cls: type[Any], kind: str) -> type[Any]:
    """Make a class a frozen dataclass that refuses values outside their ranges.

    Parameters
    ----------
    cls : the class; its own `__post_init__` runs once all ranges are checked.
    kind : what the class is, `method` or `noise`, for messages.

    Returns
    -------
    The class itself.
    """
    own = getattr(cls, "__post_init__", None)

    def __post_init__(self: Any, *initial: Any) -> None:
        for parameter in parameters_of(type(self)):
            parameter.check(getattr(self, parameter.name), f"{kind} {self.name}")
        if own is not None:
            own(self, *initial)

    cls.__post_init__ = __post_init__
    return dataclasses.dataclass(frozen=True, repr=False)(cls)


def check_sizes(member: Any, sizes: Sizes, where: str) -> None:
    """Raise a BenchmarkError where a parameter is beyond an end that the sizes set.

    Parameters
    ----------
    member : a method or a noise.
    sizes : the sizes of its cell; ends of unknown sizes are not checked.
    where : what the member is called in the message.
    """
    for parameter in parameters_of(type(member)):
        parameter.check_sizes(getattr(member, parameter.name), sizes, where)


def given_bounds(member: Any) -> set[str]:
    """Name the sizes that bound those parameters which differ from their defaults.

    Parameters
    ----------
    member : a method or a noise.

    Returns
    -------
    Names of fields of `Sizes`.
    """
    given = [p.range for p in parameters_of(type(member)) if getattr(member, p.name) != p.default]
    return {BOUNDS[r.high].size for r in given if isinstance(r, Within) and isinstance(r.high, str)}


def shown(value: Any) -> str:
    """Write a value as the command line takes it.

    >>> shown(True), shown(None), shown(10.0), shown("weak")
    ('true', 'none', '10', 'weak')
    """
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return repr(float(value)).removesuffix(".0") if isinstance(value, float) else str(value)


def _is_number(value: Any, kind: type = float) -> bool:
    wanted = numbers.Integral if kind is int else numbers.Real
    return isinstance(value, wanted) and not isinstance(value, bool)
