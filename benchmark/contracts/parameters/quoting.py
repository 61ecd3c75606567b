"""Values in quotes: a path with a comma in it stands in a noise as `imported("labels,
final.csv")`.
"""

from __future__ import annotations

QUOTES = "\"'"
NEUTRAL = "_"


def masked(text: str) -> str:
    """The text with a neutral letter for each letter of a quoted value, so that no sign
    inside it splits anything.

    A quote opens where a value begins, and closes where it ends. Within it the same
    quote is written twice.

    >>> masked('imported("a, b.csv",held_out=1)')
    'imported(__________,held_out=1)'
    """
    found = list(text)
    place, begins = 0, False
    while place < len(text):
        letter = text[place]
        end = _closing(text, place) if begins and letter in QUOTES else None
        if end is not None:
            found[place : end + 1] = NEUTRAL * (end + 1 - place)
            place = end
        begins = letter in "([,=" or (begins and letter.isspace())
        place += 1
    return "".join(found)


def unquoted(value: str) -> str:
    """The value without its quotes, if it has any.

    >>> unquoted('"a ""b"", c"'), unquoted("weak")
    ('a "b", c', 'weak')
    """
    if value[:1] in QUOTES and value and _closing(value, 0) == len(value) - 1:
        return value[1:-1].replace(value[0] * 2, value[0])
    return value


def quoted(value: str) -> str:
    """The value in quotes where it could not be read without them.

    >>> quoted("weak"), quoted("a, b.csv")
    ('weak', '"a, b.csv"')
    """
    plain = value == value.strip() and value[:1] not in (*QUOTES, "") and not set(",=") & set(value)
    # A quote after a bracket of the value itself would open another quoted value.
    as_it_stands = f"({value})"
    return (
        value
        if plain and _balanced(value) and masked(as_it_stands) == as_it_stands
        else '"' + value.replace('"', '""') + '"'
    )


def _closing(text: str, opening: int) -> int | None:
    """Where the quote that opens here closes: before the end of the value, spaces
    aside.
    """
    quote, place = text[opening], opening + 1
    while (place := text.find(quote, place)) >= 0:
        if text[place + 1 : place + 2] == quote:
            place += 2
            continue
        return place if text[place + 1 :].lstrip()[:1] in ("", ",", ")", "]") else None
    return None


def _balanced(value: str) -> bool:
    depth = 0
    for letter in value:
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return False
    return depth == 0
