"""A method under check, with the trials that several of its checks read."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmark.conformance.results import Result, train
from benchmark.conformance.surroundings import changed, restored, seed_global_streams, surroundings
from benchmark.conformance.worlds import SyntheticTask, world
from benchmark.contracts import Method

FIRST_STREAMS, OTHER_STREAMS = 271_829, 604_171
"""Seeds of the global random streams in the two trials, by which nobody else seeds
them. A further trial would else begin as the first did, and a method that reads them
pass.
"""


@dataclass
class Subject:
    """A method and what came of its trials in the usual world.

    `moved` names what the trial under other streams has changed of its surroundings.
    The first trial may import what changes them, too.
    """

    method: Method
    moved: list[str] = field(default_factory=list)
    _found: dict[int, Result | Exception] = field(default_factory=dict)

    def first(self) -> Result:
        """Give the result of the first trial, which is run once, or raise its error."""
        return self._once(FIRST_STREAMS)

    def under_other_streams(self) -> Result:
        """Give the result of a trial with the global random streams seeded otherwise.

        It is run once and after the first.
        """
        self.first()
        return self._once(OTHER_STREAMS)

    def trained(self, here: SyntheticTask | None = None) -> Result:
        """Run a further trial, in the usual world where no other is given."""
        return train(self.method, here or world())

    def _once(self, streams: int) -> Result:
        if streams not in self._found:
            self._found[streams] = self._tried(streams)
        found = self._found[streams]
        if isinstance(found, Exception):
            raise found
        return found

    def _tried(self, streams: int) -> Result | Exception:
        with restored():
            seed_global_streams(streams)
            before = surroundings()
            try:
                return self.trained()
            except Exception as error:
                return error
            finally:
                self.moved = changed(before)
