"""Messages between a process and one that it started: JSON behind its length, over a
pipe of their own.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any

Message = dict[str, Any]

LENGTH = struct.Struct(">Q")
LONGEST_MESSAGE = 2**32
BYTES_AT_ONCE = 2**16


class GarbledError(Exception):
    """What came over the pipe is not a message."""


class Sender:
    """The writing end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message; OSError where nobody reads any more."""
        body = json.dumps(message).encode()
        data = memoryview(LENGTH.pack(len(body)) + body)
        with self._lock:
            while data:
                data = data[os.write(self.descriptor, data) :]


class Receiver:
    """The reading end of a pipe, and what has come of the next message."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._buffer = bytearray()

    def feed(self) -> bool:
        """Read what is there, waiting for the first byte; False at the end of the
        pipe.
        """
        data = os.read(self.descriptor, BYTES_AT_ONCE)
        self._buffer += data
        return bool(data)

    def next(self) -> Message | None:
        """Give the next message that is whole, without reading on."""
        if len(self._buffer) < LENGTH.size:
            return None
        (size,) = LENGTH.unpack_from(self._buffer)
        if size > LONGEST_MESSAGE:
            raise GarbledError
        end = LENGTH.size + size
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[LENGTH.size : end])
        del self._buffer[:end]
        try:
            message = json.loads(body)
        except ValueError:
            raise GarbledError from None
        if not isinstance(message, dict):
            raise GarbledError
        return message

    def receive(self) -> Message | None:
        """Wait for the next message; None at the end of the pipe."""
        while True:
            message = self.next()
            if message is not None:
                return message
            if not self.feed():
                return None
