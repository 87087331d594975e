"""How a reply leaves: whole, late, drop by drop, in part, or not at all."""

import socket
import struct
from collections.abc import Callable

from .mischief import Do, MischiefStep


def send(
    whole: bytes, body_size: int, step: MischiefStep, line: socket.socket, pause: Callable[[float], object]
) -> bool:
    """Sends `whole`, head and body, as `step` wants it. False: the connection is at its end."""
    half = len(whole) - (body_size + 1) // 2
    match step.do:
        case Do.LOST:
            return False
        case Do.TRUNCATED:
            line.sendall(whole[:half])
            return False
        case Do.RESET:
            line.sendall(whole[: half if step.after is None else step.after])
            reset(line)
            return False
        case Do.RESET_BEFORE | Do.DOWN:
            reset(line)
            return False
        case Do.DRIP:
            for byte in whole:
                line.sendall(bytes([byte]))
                pause(step.seconds)
        case Do.DELAY:
            pause(step.seconds)
            line.sendall(whole)
        case _:
            line.sendall(whole)
    return True


def reset(line: socket.socket) -> None:
    """Closed with an RST in the place of a goodbye."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
