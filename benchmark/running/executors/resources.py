"""What the trials of a run may use."""

from __future__ import annotations

import dataclasses
import socket
from dataclasses import dataclass

from benchmark.contracts import BenchmarkError
from benchmark.experiment.options import check_options, default_of
from benchmark.records.machine import cores, gpus

SECONDS_TO_ANSWER = 5.0


@dataclass(frozen=True)
class Resources:
    """What the trials may use.

    `workers`: trials at a time, None for as many as the cores allow. `gpu`: whether
    trials train on GPUs where `gpus_per_trial` is 0.
    """

    workers: int | None = None
    threads_per_trial: int = default_of("threads_per_trial")
    gpus_per_trial: float = default_of("gpus_per_trial")
    address: str | None = None
    gpu: bool = default_of("gpu")

    def checked(self) -> Resources:
        """Give the same with workers filled in.

        More than this machine has is an error with both numbers.
        """
        check_options(vars(self))
        if self.gpu and self.gpus_per_trial == 0:
            return dataclasses.replace(self, gpus_per_trial=1.0).checked()
        if self.gpus_per_trial > 1 and self.gpus_per_trial % 1:
            raise BenchmarkError(
                f"--gpus-per-trial is {self.gpus_per_trial:g}; above 1 only whole numbers can be shared out."
            )
        if self.address is not None:
            _check_reachable(self.address)
            return self
        workers = self.workers or max(1, cores() // self.threads_per_trial)
        if self.gpus_per_trial > 0:
            found = gpus()
            if found < max(1.0, self.gpus_per_trial):
                most = f"Ask for at most {found}, or leave" if found else "Leave"
                option = "--gpu" if self.gpu else "--gpus-per-trial"
                raise BenchmarkError(
                    f"{option} asks for {self.gpus_per_trial:g} and this machine has {found} GPU"
                    f"{'' if found == 1 else 's'}. {most} it out to run on the CPU."
                )
            workers = min(workers, int(found / self.gpus_per_trial)) if self.workers is None else workers
        return dataclasses.replace(self, workers=workers)


def _check_reachable(address: str) -> None:
    """Refuse an address where nobody answers, for which Ray waits for minutes.

    A plain connection says so at once.
    """
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdigit() and "/" not in host):
        raise BenchmarkError(
            f"--address is '{address}'; give HOST:PORT of the head of a cluster that this machine is part of "
            "('ray start --address=HOST:PORT' joins one)."
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS_TO_ANSWER).close()
    except (OSError, OverflowError) as error:
        raise BenchmarkError(
            f"No Ray cluster answers at '{address}': {error}. Start one with 'ray start --head', or leave it out."
        ) from None
