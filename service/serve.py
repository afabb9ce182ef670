"""Listening for requests, in one process or several."""

from __future__ import annotations

import socket
from functools import partial

import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.supervisors import Multiprocess

from mappings.errors import SettingsError
from mappings.settings import Settings
from service.app import create_app
from service.library import open_library

LONGEST_REQUEST = 256 * 1024
"""Bytes of a request's head: a long query of percent-encoded characters must still reach us to be
told that it is too long."""

_WAITING = 2048
_OUR_LOG = {"handlers": ["default"], "level": "WARNING", "propagate": False}
_LOGGING = LOGGING_CONFIG | {"loggers": LOGGING_CONFIG["loggers"] | {"zoufang": _OUR_LOG}}
"""What uvicorn logs, and what we do, on standard error."""


def run(settings: Settings) -> None:
    """Say where the service is, and serve until interrupted.

    Raises SettingsError where the address cannot be listened on. Connections that come while the
    processes start wait for them.
    """
    open_library(settings)  # what makes no sense in the settings is told here, not by each process
    config = uvicorn.Config(
        partial(create_app, settings),
        factory=True,
        log_config=_LOGGING,
        log_level="warning",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=LONGEST_REQUEST,
        workers=settings.workers,
    )
    with listen(settings.host, settings.port) as listening:
        host, port, *_ = listening.getsockname()
        shown = f"[{host}]" if ":" in host else host
        print(f"Zoufang is at http://{shown}:{port}/  (Ctrl-C stops it)", flush=True)
        if settings.workers == 1:
            uvicorn.Server(config).run(sockets=[listening])
        else:
            Multiprocess(config, sockets=[listening]).run()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only where the protocol is named; else answers wait 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_WAITING)
    except (OSError, UnicodeError) as error:
        listening.close()
        raise SettingsError(
            f"cannot listen on {host} port {port}: {error}; try another port, or --port 0 for a free one"
        ) from error
    return listening
