"""Citations as BibTeX: read entry by entry, joined without repeating one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmark.contracts.errors import BenchmarkError

HEAD = re.compile(r"@(\w+)\s*\{\s*([^\s,{}]+)\s*,")
FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
PLAIN = re.compile(r"[^\s,{}\"]+")


@dataclass(frozen=True)
class Entry:
    """One BibTeX entry: `kind` such as inproceedings, `key`, its fields by lower-case
    name, and its text as written.
    """

    kind: str
    key: str
    fields: Mapping[str, str]
    text: str

    def says_the_same(self, other: Entry) -> bool:
        """Tell whether both are the same entry, however their lines are broken."""
        return (self.kind, self.key, self.fields) == (other.kind, other.key, other.fields)


def read_bibtex(text: str) -> list[Entry]:
    """Give the entries of a BibTeX text, in their order.

    Anything else but white space is a BenchmarkError.

    >>> entries = read_bibtex("@book{a, title = {A {B}}, year = 2001}")
    >>> [(entry.key, entry.fields["year"]) for entry in entries]
    [('a', '2001')]
    """
    entries = []
    place = _skip(text, 0)
    while place < len(text):
        entry, place = _entry(text, place)
        entries.append(entry)
        place = _skip(text, place)
    return entries


def bibliography(texts: Iterable[str]) -> str:
    """Give all entries of some BibTeX texts, each once.

    Two different ones under one key are a BenchmarkError.
    """
    found: dict[str, Entry] = {}
    for text in texts:
        for entry in read_bibtex(text):
            known = found.setdefault(entry.key, entry)
            if not known.says_the_same(entry):
                raise BenchmarkError(
                    f"Two different citations have the key '{entry.key}'. Give one of them another key, or write both "
                    "alike."
                )
    return "\n\n".join(entry.text for entry in found.values())


def _entry(text: str, start: int) -> tuple[Entry, int]:
    head = HEAD.match(text, start)
    if head is None:
        raise _trouble(text, start, "an entry begins '@kind{key,'")
    fields: dict[str, str] = {}
    place = _skip(text, head.end())
    while text[place : place + 1] != "}":
        name, value, place = _field(text, place)
        if name in fields:
            raise _trouble(text, start, f"the field '{name}' stands there twice")
        fields[name] = value
        place = _skip(text, place)
        if text[place : place + 1] == ",":
            place = _skip(text, place + 1)
        elif text[place : place + 1] != "}":
            raise _trouble(text, place, "fields are parted by commas and the entry ends in '}'")
    return Entry(head[1].lower(), head[2], fields, text[start : place + 1]), place + 1


def _field(text: str, start: int) -> tuple[str, str, int]:
    """Name, value on one line, and the place behind a field."""
    named = FIELD.match(text, start)
    if named is None:
        raise _trouble(text, start, "a field reads 'name = {value}'")
    place = named.end()
    if text[place : place + 1] in ("{", '"'):
        end = _closing(text, place)
        value = text[place + 1 : end]
        end += 1
    else:
        plain = PLAIN.match(text, place)
        if plain is None:
            raise _trouble(text, place, "a value stands in braces or is a number")
        value, end = plain[0], plain.end()
    return named[1].lower(), " ".join(value.split()), end


def _closing(text: str, start: int) -> int:
    """Give the place of the brace or quotation mark that closes the one at `start`."""
    closing = "}" if text[start] == "{" else '"'
    depth = 0
    for place in range(start + 1, len(text)):
        sign = text[place]
        if sign == closing and depth == 0:
            return place
        depth += (sign == "{") - (sign == "}")
    raise _trouble(text, start, "what opens here is never closed")


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _trouble(text: str, place: int, rule: str) -> BenchmarkError:
    near = " ".join(text[place : place + 40].split()) or "the end"
    return BenchmarkError(f"Cannot read the citation at '{near}': {rule}.")
