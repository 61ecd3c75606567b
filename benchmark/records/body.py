"""The body of a record in its JSON: what was measured and drawn, most of the bytes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from benchmark.records.schema import BODY, Record

Part = tuple[bytes, bytes]
"""The key at which a part of the body begins, and the key that follows the part."""


def _parts(fields: Iterable[str]) -> tuple[Part, ...]:
    """Give the parts of the body in an object whose keys stand in this order."""
    pairs = list(itertools.pairwise(fields))
    starts = [_key(name) for before, name in pairs if name in BODY and before not in BODY]
    ends = [_key(name) for before, name in pairs if before in BODY and name not in BODY]
    return tuple(zip(starts, ends, strict=True))


def _key(name: str) -> bytes:
    """Give a key that is not the first of its object, as compact JSON has it.

    No text of JSON holds these bytes, since a quote in it is escaped.
    """
    return f',"{name}":'.encode()


IN_A_FILE = _parts(Record.model_fields)
IN_AN_ARCHIVE = _parts(sorted(Record.model_fields))


def without_body(content: bytes, parts: tuple[Part, ...]) -> bytes:
    """Cut the body out of a record's compact JSON, which is not parsed for it.

    Parameters
    ----------
    content
        The JSON.
    parts
        Where the body lies: `IN_A_FILE` or `IN_AN_ARCHIVE`.

    Returns
    -------
    bytes
        The rest, a record without a body. Where other objects within hold a key of the
        body, it can be no JSON or another configuration. All of the content is given
        where a key is missing.
    """
    kept, place = [], 0
    for first, following in parts:
        start = content.find(first, place)
        end = content.find(following, start)
        if start < 0 or end < 0:
            return content
        kept.append(content[place:start])
        place = end
    return b"".join((*kept, content[place:]))
