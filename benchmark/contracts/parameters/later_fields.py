"""The rule by which a schema may grow without a change of what is hashed of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any


def without_later_defaults(
    values: Mapping[str, Any], defaults: Mapping[str, Any], first: Collection[str]
) -> dict[str, Any]:
    """Leave out each field that was added later and stands at its default.

    Ids of finished trials are hashes of their configurations. A field that such a
    configuration does not have must therefore not appear while it changes nothing.

    Parameters
    ----------
    values
        The fields with their values.
    defaults
        The default of each field that has one.
    first
        The fields that the schema had at first. They always stay.

    Returns
    -------
    dict
        The fields that are hashed, in their order.

    >>> values = {"seed": 0, "order": "random"}
    >>> without_later_defaults(values, values, {"seed"})
    {'seed': 0}
    """
    return {
        name: value
        for name, value in values.items()
        if name in first or name not in defaults or value != defaults[name]
    }


def dataclass_defaults(cls: type) -> dict[str, Any]:
    """Give the default of each field of a dataclass that has a plain one."""
    fields = dataclasses.fields(cls)
    return {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
