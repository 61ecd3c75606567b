"""A cache of a test's own, in which features of texts are kept as a user's are."""

import shutil

from benchmark.corpora import load_corpus
from benchmark.features.store import LIMIT_VARIABLE
from benchmark.files.cache import CACHE_VARIABLE, cache_folder


def keep_in(folder, monkeypatch):
    """Keeps features in a folder; what was read of installed packages is there
    already.
    """
    load_corpus("apidocs")
    shutil.copytree(cache_folder() / "apidocs", folder / "apidocs", dirs_exist_ok=True)
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    monkeypatch.setenv(LIMIT_VARIABLE, "1")
