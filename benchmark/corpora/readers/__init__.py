"""Readers, one a file format, found by scanning this folder."""

from benchmark.corpora.readers.base import RawSplit, Reader, reader_of, readers

__all__ = ["RawSplit", "Reader", "reader_of", "readers"]
