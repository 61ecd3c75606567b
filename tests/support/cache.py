"""A cache of a test's own."""

import shutil

from benchmark.corpora import load_corpus
from benchmark.files.cache import CACHE_VARIABLE, cache_folder
from benchmark.files.kept_arrays import LIMIT_VARIABLE


def with_apidocs(folder):
    """Gives a folder, in which lies what was read of the installed packages."""
    load_corpus("apidocs")
    if (cache_folder() / "apidocs").is_dir():
        shutil.copytree(cache_folder() / "apidocs", folder / "apidocs", dirs_exist_ok=True)
    return folder


def keep_in(folder, monkeypatch):
    """Keeps features in a folder; what was read of installed packages is there
    already.
    """
    with_apidocs(folder)
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    monkeypatch.setenv(LIMIT_VARIABLE, "1")
