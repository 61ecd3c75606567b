"""`doctor`: whether this machine can run the benchmark."""

from __future__ import annotations

import typer


def doctor() -> None:
    """Look at Python, libraries, cores, memory, disk, GPU, encoders and corpora, and
    say what is missing.
    """
    import shutil
    import sys
    from pathlib import Path

    from benchmark.cli.terminal import make_console, show_text
    from benchmark.corpora import availability, corpus_names
    from benchmark.records.code.provenance import LIBRARIES, git_commit, provenance
    from benchmark.records.machine import cores, gpus
    from benchmark.training.encoders.names import LISTED, encoder_from

    console = make_console()
    versions = provenance("").versions
    absent = [name for name in LIBRARIES if versions[name] == "absent"]
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    lines: list[tuple[bool, str]] = [
        (sys.version_info >= (3, 11), f"Python {versions['python']}"),
        (not absent, "libraries: " + ", ".join(f"{name} {versions[name]}" for name in LIBRARIES)),
        (True, f"{cores()} cores, {gpus() if not absent else 0} GPUs"),
        (free > 2, f"{free:.0f} GiB free on this disk, {_memory_gib():.0f} GiB of memory"),
        (True, f"commit {git_commit() or 'none (not a checkout)'}"),
    ]
    lines += [(True, text) for text in ([] if absent else _arithmetic())]
    lines += [(encoder_from(name).at_hand(), f"encoder {name}") for name in LISTED]
    lines += [(availability(name).at_hand, f"corpus {name}") for name in corpus_names()]
    for good, text in lines:
        mark, style = ("ok      ", "green") if good else ("absent  ", "yellow")
        show_text(console, text, mark=mark, mark_style=style)
    for good, text in [] if absent else _gpu_check():
        mark, style = ("ok      ", "green") if good else ("odd     ", "yellow")
        show_text(console, text, mark=mark, mark_style=style)
    if not encoder_from("frozen:minilm").at_hand() or absent:
        show_text(console, "The demo cannot run: install the project with its constraints (make environment).")
        raise typer.Exit(1)
    if not all(good for good, _ in lines):
        show_text(console, "What is absent is fetched when a run asks for it, or by:")
        show_text(console, "  python -m benchmark data fetch NAME")
    show_text(console, "The demo can run: python -m benchmark run --grid demo")


def _arithmetic() -> list[str]:
    """Say what a run would compute with: the CPU, and each GPU if there are any."""
    import torch

    from benchmark.records.machine import gpus
    from benchmark.training.precision import has_bfloat16

    def line(what: str, device: str) -> str:
        allowed = "float32, or bfloat16 by --precision" if has_bfloat16(device) else "float32 alone"
        return f"{what}: {allowed}"

    found = [line("CPU", "cpu")]
    for number in range(gpus()):
        card = torch.cuda.get_device_properties(number)
        memory = f"{card.total_memory / 2**30:.0f} GiB"
        found.append(line(f"GPU {number}, {card.name}, {memory}, by --gpu", f"cuda:{number}"))
    return found


def _gpu_check() -> list[tuple[bool, str]]:
    """Say whether a GPU gives the same bits twice; trains for some seconds."""
    from benchmark.records.machine import gpus

    if not gpus():
        return [(True, "bits of a GPU: not checked, since this machine has no CUDA device")]
    from benchmark.conformance.gpu import check_device

    try:
        return [(found.good, found.text) for found in check_device()]
    except Exception as error:  # the doctor says what is wrong with a card and does not fall ill himself
        return [(False, f"a training on cuda failed: {type(error).__name__}: {error}")]


def _memory_gib() -> float:
    import os

    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
