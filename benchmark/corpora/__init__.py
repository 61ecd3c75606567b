"""Corpora: a card in `datasets/` names the files, a reader and cleaning steps make
texts and labels of them.
"""

from benchmark.corpora.card import Card
from benchmark.corpora.catalogue import card_digest, cards_folder, corpus_names, is_own, load_card
from benchmark.corpora.corpus import SPLITS, Corpus, Split
from benchmark.corpora.files import MissingFile
from benchmark.corpora.limits import limit_corpus
from benchmark.corpora.loading import Availability, availability, load_corpus, split_rows

__all__ = [
    "SPLITS",
    "Availability",
    "Card",
    "Corpus",
    "MissingFile",
    "Split",
    "availability",
    "card_digest",
    "cards_folder",
    "corpus_names",
    "is_own",
    "limit_corpus",
    "load_card",
    "load_corpus",
    "split_rows",
]
