"""Where a webhook may lead: to the open net, and inside the house only where the operator said so.

Whoever may add a webhook may not by that reach what only this machine reaches: the name is looked up once, each
address found is looked at, and the connection goes to that very address.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from core.notices.channels import Undelivered
from core.text import Text
from core.text import noop as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
URL_MOST: Final = 500
INSIDE: Final = _("%(host)s lies inside at %(address)s, where webhooks may lead only as webhook_allow says")
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """A resolved address.

    :param path: with the query.
    :param addresses: numeric, all of them allowed.
    """

    tls: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        """Host and port as a header names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def is_target(url: str) -> bool:
    """Whether an address could be one of a webhook: http or https, a host, nothing secret in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_MOST
    named = parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0
    return plain and named and parts.username is None and not parts.fragment


def resolve(url: str, allowed: Sequence[str]) -> Target:
    """Look an address up, once.

    :param allowed: networks and names of hosts inside the house to which webhooks may lead.
    :raises Undelivered: where it has no address, or one that is not allowed.
    """
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undelivered(Text(_("%(host)s has no address"), {"host": host})) from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_allowed(address, host, allowed):
            raise Undelivered(Text(INSIDE, {"host": host, "address": address}))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(tls, host, port, path, addresses)


def is_allowed(address: str, host: str, allowed: Sequence[str]) -> bool:
    """Whether a webhook may connect to an address.

    Open addresses are; those of a listed network, too; a listed name may lie in a private network, but neither on this
    machine nor where machines of a cloud ask for their secrets (link-local): such must be listed as networks.
    """
    real = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    networks = [ipaddress.ip_network(entry) for entry in allowed if is_network(entry)]
    if any(real.version == network.version and real in network for network in networks):
        return True
    if real.is_loopback or real.is_link_local or real.is_multicast or real.is_unspecified or real.is_reserved:
        return False
    inside = not real.is_global or (isinstance(real, ipaddress.IPv6Address) and real.is_site_local)
    return not inside or host.lower() in {entry.lower() for entry in allowed}


def is_network(entry: str) -> bool:
    """Whether an entry is an address or a network, written without host bits."""
    try:
        ipaddress.ip_network(entry)
    except ValueError:
        return False
    return True


def _embedded(address: Address) -> Address:
    """The address of version 4 to which one of version 6 leads."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address
