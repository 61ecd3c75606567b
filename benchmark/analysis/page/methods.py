"""The methods of a report, explained: what the links of their names lead to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from benchmark.analysis.layout.format import plural
from benchmark.analysis.layout.grid import label
from benchmark.analysis.layout.table import Table
from benchmark.analysis.page.ideas import idea_of
from benchmark.analysis.result_set import ResultSet


@dataclass(frozen=True, slots=True)
class Explained:
    """A method with its label in tables, its idea, and what it is given, in words."""

    name: str
    label: str
    idea: str
    traits: tuple[str, ...]


def explained(results: ResultSet, needs: Iterable[Table]) -> tuple[Explained, ...]:
    """Explain every method of a result set.

    `needs` is the table of what methods need, which the explanations stand in for.
    """
    rows = {row.label: [cell.text for cell in row.cells] for table in needs for row in table.rows}
    made = []
    for name, method in results.methods.iterrows():
        shown = label(str(name), method)
        made.append(Explained(str(name), shown, idea_of(str(name)), _traits(rows.get(shown))))
    return tuple(made)


def _traits(row: list[str] | None) -> tuple[str, ...]:
    """Give family, networks, needs, source of the noise rate, and whether it is
    ranked.
    """
    if row is None:
        return ()
    needs, rate, networks, family, standing = row
    words = [family, plural(int(networks), "network")]
    words += [f"needs {needs}"] if any(letter.isalpha() for letter in needs) else []
    words += [f"noise rate {rate}"] if any(letter.isalpha() for letter in rate) else []
    return (*words, *([f"{standing}, never ranked"] if standing != "ranked" else []))


class Links:
    """Names of methods as links to their explanations on the page."""

    def __init__(self, methods: Iterable[Explained]) -> None:
        self.methods = tuple({one.name: one for one in methods}.values())
        self._places = {one.name: f"method-{place}" for place, one in enumerate(self.methods, start=1)}
        self._of_label = {one.label: one for one in self.methods}
        longest_first = sorted(self._places, key=lambda name: (-len(name), name))
        names = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(rf"(?<![\w\[.'-])(?:{names})(?![\w\[-])") if names else None
        self._of_name = {one.name: one for one in self.methods}

    def place(self, name: str) -> str:
        """Give the id of the explanation of a method."""
        return self._places[name]

    def labelled(self, label: str, hover: bool = False) -> Markup:
        """Give the label of a row, as a link where it is a method's.

        With `hover` the idea stands in its title. Else the page's script puts it there.
        """
        found = self._of_label.get(label)
        return escape(label) if found is None else self._link(found, label, hover)

    def within(self, sentence: str) -> Markup:
        """Give a sentence with every name of a method as a link."""
        if self._pattern is None:
            return escape(sentence)
        parts, end = [], 0
        for match in self._pattern.finditer(sentence):
            parts += [escape(sentence[end : match.start()]), self._link(self._of_name[match[0]], match[0], True)]
            end = match.end()
        return Markup("").join([*parts, escape(sentence[end:])])

    def _link(self, method: Explained, text: str, hover: bool) -> Markup:
        title = Markup(' title="{}"').format(method.idea) if hover and method.idea else ""
        return Markup('<a class="m" href="#{}"{}>{}</a>').format(self._places[method.name], title, text)
