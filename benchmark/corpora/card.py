"""The schema of a card: where a corpus comes from, what is done to it, what it is known
to hold.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from benchmark.contracts import BenchmarkError, UnknownNameError

SplitName = Literal["train", "valid", "test"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """A part of a card: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(Strict):
    """One file by its hash.

    `name`: a relative path as `folder/file`; without `url` it cannot be downloaded.
    """

    name: str
    sha256: Sha256
    bytes: int | None = None
    url: str | None = None


class Source(Strict):
    """One form in which the corpus is to be had.

    `fingerprint`: what the corpus read from it must give; empty where that was never
    measured. `environment`: package versions for which the fingerprint and the counts
    hold, for sources that are installed packages.
    """

    name: str
    reader: str
    note: str = ""
    options: dict[str, Any] = {}
    files: tuple[SourceFile, ...] = ()
    fingerprint: str = ""
    environment: dict[str, str] = {}


class MeasuredNoise(Strict):
    """How many rows of a split a source labels, and the share of those that it labels
    wrongly.
    """

    covered: int
    rate: float


class Observed(Strict):
    """One source of observed noisy labels.

    `reads`: `votes` (many labels a row, aggregated by majority) or `given` (one label a
    row). `made_by`: empty where it is not known. `ties`: how a draw between classes is
    decided. `abstain`: rows without a label get -1 and are dropped by the harness.
    `measured` and `by_class` are of splits with clean labels; `by_class` has no entry
    for a class without a labelled row. For votes, `by_share` is the noise rate if each
    row with drawn votes counts by its share of right ones, and `choices` measures other
    ways to make one label of many, as written after the source in
    `observed(weak,ties=lowest)`, seed 0.
    """

    reads: Literal["votes", "given"]
    made_by: Literal["rules", "people", "language models", "word lists", ""] = ""
    description: str
    ties: Literal["hash_of_id", "none"]
    abstain: Literal["drop"] = "drop"
    measured: dict[SplitName, MeasuredNoise] = {}
    by_class: dict[SplitName, dict[str, float]] = {}
    by_share: dict[SplitName, float] = {}
    choices: dict[str, dict[SplitName, MeasuredNoise]] = {}


class SplitCounts(Strict):
    """What a split holds after cleaning.

    `per_class`: rows by clean label, zeros where no clean label is known.
    `duplicates`: rows beyond the first of their text. `conflicting`: texts with more
    than one clean label. `dropped`: rows taken away, by cleaning step.
    """

    rows: int
    per_class: tuple[int, ...]
    duplicates: int
    conflicting: int
    dropped: dict[str, int] = {}


class Card(Strict):
    """The data statement of one corpus, as its TOML file has it.

    `counts`, `overlaps` and measured rates were taken on the source named
    `measured_on`. `overlaps` maps `test in train` and the like to the rows of the first
    split whose text is also in the second. `no_clean`: splits of which no clean label
    is known.
    """

    name: str
    title: str
    licence: str
    citation: str
    homepage: str
    language: str
    label_names: tuple[str, ...] = Field(min_length=2)
    default_max_tokens: int = Field(gt=0)
    description: str = ""
    sources: tuple[Source, ...] = Field(min_length=1)
    cleaning: dict[SplitName, tuple[str, ...]] = {}
    observed: dict[str, Observed] = {}
    no_clean: tuple[SplitName, ...] = ()
    defects: tuple[str, ...] = ()
    measured_on: str = ""
    counts: dict[SplitName, SplitCounts] = {}
    overlaps: dict[str, int] = {}

    @model_validator(mode="after")
    def _agree(self) -> Card:
        if len(set(self.label_names)) != len(self.label_names):
            raise ValueError("label_names must differ from each other")
        for split, counts in self.counts.items():
            if len(counts.per_class) != len(self.label_names):
                raise ValueError(f"counts.{split}.per_class must have {len(self.label_names)} numbers")
            known = 0 if split in self.no_clean else counts.rows
            if sum(counts.per_class) != known:
                raise ValueError(f"counts.{split}.per_class sums to {sum(counts.per_class)}, not to {known}")
        if self.measured_on and self.measured_on not in {source.name for source in self.sources}:
            raise ValueError(f"measured_on '{self.measured_on}' is not the name of a source")
        return self


def read_card(path: Path) -> Card:
    """The card in a TOML file.

    An unknown key, a missing one or a wrong value is named with the file.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BenchmarkError(f"Cannot read the card {path}: {error}. Correct the file.") from None
    try:
        card = Card.model_validate(content)
    except ValidationError as error:
        raise _explain(error, path) from None
    if card.name != path.stem:
        raise BenchmarkError(f"The card {path} has name '{card.name}'; name it '{path.stem}' or rename the file.")
    return card


def _explain(error: ValidationError, path: Path) -> BenchmarkError:
    problems = error.errors(include_url=False)
    for problem in problems:
        *outer, key = problem["loc"] or ("",)
        if problem["type"] == "extra_forbidden":
            where = f" under {_dotted(outer)}" if outer else ""
            return UnknownNameError("card key", str(key), _keys_at(outer), f"It stands in {path}{where}.")
    lines = "; ".join(f"{_dotted(problem['loc']) or 'the card'}: {problem['msg']}" for problem in problems)
    return BenchmarkError(f"The card {path} is not valid: {lines}. Correct these keys.")


def _dotted(place: Any) -> str:
    return ".".join(str(part) for part in place)


def _keys_at(place: list[int | str]) -> list[str]:
    at: Any = Card
    for part in place:
        if isinstance(at, type) and issubclass(at, BaseModel):
            at = at.model_fields[str(part)].annotation
        else:
            at = next((option for option in reversed(get_args(at)) if option is not Ellipsis), at)
    return list(at.model_fields) if isinstance(at, type) and issubclass(at, BaseModel) else []
