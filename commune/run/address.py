"""Where the site listens: HOST and PORT, and whether they can be had."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import socket
from dataclasses import dataclass

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what they mean, not what we bind


class Broken(Exception):
    """It does not run; the message is for a person."""


@dataclass(frozen=True)
class Address:
    """Where the site listens."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> Address:
        """HOST and PORT, by default 127.0.0.1 and 8000. Refuses what is not a port."""
        given = os.environ.get("PORT") or "8000"
        if not given.isascii() or not given.isdigit() or not 0 < int(given) < 65536:
            raise Broken(f"PORT is “{given}”, which is not a port: give a number from 1 to 65535.")
        return cls(os.environ.get("HOST") or "127.0.0.1", int(given))

    @property
    def near(self) -> str:
        """The host under which this machine itself reaches it."""
        return ANYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        """What to type into a browser."""
        given = os.environ.get("SITE_URL", "")
        return given.rstrip("/") or self.local_url

    def neighbour(self) -> Address:
        """The next port up, for what stands beside the site; another one where that is taken."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        for port in (self.port + 1 if self.port < 65535 else 0, 0):
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with contextlib.suppress(OSError):
                    probe.bind((self.host, port))
                    probe.listen(1)
                    return Address(self.host, int(probe.getsockname()[1]))
        raise Broken(f"No port of {self.host} is free beside {self.port}.")

    @property
    def local_url(self) -> str:
        """As `url`, whatever SITE_URL says."""
        shown = "localhost" if self.host == "127.0.0.1" or self.host in ANYWHERE else self.host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    def insist_that_it_is_free(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen(1)
            except PermissionError:
                raise Broken(
                    f"Port {self.port} is for root only: take another one, for example `make run PORT=8000`."
                ) from None
            except socket.gaierror:
                raise Broken(f"HOST is “{self.host}”, which this machine does not know.") from None
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise Broken(f"HOST is “{self.host}”, which is no address of this machine.") from None
                other = self.port + 1 if self.port < 65535 else 8001
                raise Broken(
                    f"Port {self.port} of {self.host} is in use by another program: stop that one, or run"
                    f" Commune on another port, for example `make run PORT={other}`."
                ) from None

    def healthy(self) -> bool:
        connection = http.client.HTTPConnection(self.near, self.port, timeout=3)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
