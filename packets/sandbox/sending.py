"""Sends a reply as its step demands: whole, late, byte by byte, in part, or not at all."""

import socket
import struct
from collections.abc import Callable

from .mischief import Do, MischiefStep


def send(
    whole: bytes, body_size: int, step: MischiefStep, line: socket.socket, pause: Callable[[float], object]
) -> bool:
    """Sends `whole`, head and body, as `step` demands. False: the connection must be closed."""
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
    """Closes the connection with an RST instead of a FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
