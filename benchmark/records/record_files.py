"""A record as a file: JSON that carries the sha256 of its own content."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from benchmark.contracts.hashes import SHA256_DIGITS, sha256_hex
from benchmark.records.body import IN_A_FILE, Part, without_body
from benchmark.records.config import digest
from benchmark.records.schema import Record, holds_bits

HEAD = b',"sha256":"'
TAIL = b'"}\n'
SEAL_LENGTH = len(HEAD) + SHA256_DIGITS + len(TAIL)

MOST_NAMED = 5

IDENTITY = ("method", "method_version", "corpus", "noise", "encoder", "seed", "protocol")
"""What a record says beside its configuration and what must be the same in it."""


@dataclass(frozen=True)
class ParsedRecord:
    """A record, and whether its bytes carried a sha256 that holds."""

    record: Record
    verified: bool


def record_bytes(record: Record) -> bytes:
    """Give the content of a record's file.

    The file is one JSON object. Its last key is `sha256`, the sum of the object's
    bytes as they are without that key and the last line end.
    """
    body = json_of(record)
    return b"".join((body[:-1], HEAD, sha256_hex(body).encode(), TAIL))


def json_of(record: Record) -> bytes:
    """Give the record as JSON in UTF-8, lone surrogates of messages included."""
    text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def archive_text(record: Record) -> str:
    """Give the record as JSON with sorted keys, as an archive holds it.

    Lone surrogates, which messages may have, are escaped: Parquet holds none.
    """
    text = json.dumps(record.model_dump(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    return text


def read_record_bytes(data: bytes, head: bool = False) -> ParsedRecord:
    """Read what `record_bytes` gave, or a record of an older version without sha256.

    Parameters
    ----------
    data
        The content of a file.
    head
        Whether the record may come without its body, which is then not looked through
        where the sha256 holds.

    Returns
    -------
    ParsedRecord
        The record. A ValueError says why where the content is not what was written:
        another sha256, no record of this schema, or an id that is not the digest of the
        configuration.
    """
    verified = data.endswith(TAIL) and data[-SEAL_LENGTH : -SEAL_LENGTH + len(HEAD)] == HEAD
    if verified:
        stated = data[-SEAL_LENGTH + len(HEAD) : -len(TAIL)]
        data = data[:-SEAL_LENGTH] + b"}"
        if sha256_hex(data).encode() != stated:
            raise ValueError("its content does not match its sha256")
        if head:
            return ParsedRecord(head_of(data, IN_A_FILE), verified)
    record = checked_record(data)
    return ParsedRecord(record.head() if head else record, verified)


def head_of(content: bytes, body: tuple[Part, ...]) -> Record:
    """Read a record without its body from content that a sha256 shows to be as written.

    Parameters
    ----------
    content
        The JSON of the record.
    body
        Where its body lies: `IN_A_FILE` or `IN_AN_ARCHIVE`.

    Returns
    -------
    Record
        What `Record.head` gives. The body is not looked through, and so only the rest
        can raise what `checked_record` raises.
    """
    with contextlib.suppress(ValueError):
        return checked_record(without_body(content, body))
    return checked_record(content).head()


def checked_record(data: bytes | str) -> Record:
    """Read a record from its JSON.

    A ValueError says why where it is no record or one that contradicts itself.
    """
    record = parse_record(data)
    if why := contradiction(record):
        raise ValueError(why)
    return record


def contradiction(record: Record) -> str:
    """Say in what a record contradicts its own configuration or the number of its test
    texts; empty if in nothing.
    """
    config = record.config
    if digest(config) != record.trial:
        return f"its id is {record.trial}, its configuration makes {digest(config)}"
    for name in IDENTITY:
        if name in config and config[name] != getattr(record, name):
            return f"its {name} is not that of its configuration"
    return next(_misfits(record), "")


def _misfits(record: Record) -> Iterator[str]:
    """Say which correctness has another length than it must have."""
    rows = None if record.manifest is None else record.manifest.test_rows
    for rule, selection in record.selections.items():
        if rows is not None and selection.correct is not None and not holds_bits(selection.correct, rows):
            yield f"its correctness by {rule} is not {rows} bits, one a test text"
        checked = selection.checked
        if checked is not None and not holds_bits(checked.correct, checked.rows):
            yield f"its correctness by {rule} is not {checked.rows} bits, one a checked text"


def parse_record(data: bytes | str) -> Record:
    """Read a record from its JSON; anything else is a ValueError."""
    with contextlib.suppress(ValidationError):
        return Record.model_validate_json(data)
    # Lone surrogates, which texts of error messages may hold, pass only Python's own reader.
    try:
        return Record.model_validate(json.loads(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "record"
        raise ValueError(f"it does not fit the schema of records at {where}: {first['msg']}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("it is not JSON") from None


@dataclass
class IntegrityReport:
    """What is wrong with a source; it is filled while the records are read.

    `damaged` says of each file or row that was left out why. `whole` counts the valid
    records and `unverified` those of them that carry no sha256. `trouble` says what is
    wrong with the source as a whole; it is empty if nothing is.
    """

    source: str
    damaged: dict[str, str] = field(default_factory=dict)
    whole: int = 0
    unverified: int = 0
    trouble: str = ""

    @property
    def remarks(self) -> list[str]:
        """What a reader must know: one sentence each, none where all is well."""
        said = [self.trouble] if self.trouble else []
        if self.damaged:
            shown = [f"{name} ({why})" for name, why in list(self.damaged.items())[:MOST_NAMED]]
            rest = len(self.damaged) - len(shown)
            more = f"; and {rest} more" if rest else ""
            said.append(f"{self.source}: {len(self.damaged)} damaged and left out: {'; '.join(shown)}{more}.")
        if self.unverified:
            said.append(
                f"{self.source}: {self.unverified} of {self.whole} records carry no sha256, so that they cannot "
                "be told from changed ones; they are used as unverified. `archive` packs them again with sums."
            )
        return said


@dataclass(frozen=True)
class Reading:
    """The valid records of a run folder or an archive, and what is wrong with the rest.

    `source` is the folder or file; the other fields are those of `IntegrityReport`.
    """

    source: str
    records: list[Record]
    damaged: Mapping[str, str] = field(default_factory=dict)
    unverified: int = 0
    trouble: str = ""

    @property
    def remarks(self) -> list[str]:
        """What a reader must know: one sentence each, none where all is well."""
        damaged, whole = dict(self.damaged), len(self.records)
        return IntegrityReport(self.source, damaged, whole, self.unverified, self.trouble).remarks


def reading(records: Iterable[Record], integrity: IntegrityReport) -> Reading:
    """Take in all records of a source."""
    kept = list(records)
    return Reading(integrity.source, kept, integrity.damaged, integrity.unverified, integrity.trouble)
