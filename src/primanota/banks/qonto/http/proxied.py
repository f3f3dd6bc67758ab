"""Connections by httpx2, through a proxy of the environment or without, with the time limits of a deadline."""

import ssl
from collections.abc import Iterable
from typing import Any

import httpx2
from httpcore2 import SOCKET_OPTION, NetworkBackend, NetworkStream, SyncBackend

from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.deadline import Deadline
from primanota.banks.qonto.http.httpx_transport import HttpxTransport
from primanota.core.errors import InvalidConfiguration


def proxied(address: Address, deadline: Deadline, connections: int) -> HttpxTransport | None:
    """Return connections through the proxy that the environment names for an address; None if it names none.

    Args:
        address: the bank's address.
        deadline: limits each read and write.
        connections: the most connections.

    Raises:
        InvalidConfiguration: the proxy is of a kind that is not supported, or its address is not valid.
    """
    client = _client(connections)
    transport = client._transport_for_url(httpx2.URL(address.url))  # noqa: SLF001 - there is no public way
    if transport is client._transport or not isinstance(transport, httpx2.HTTPTransport):  # noqa: SLF001 - as above
        client.close()
        return None
    return HttpxTransport(_limited(transport, deadline), address)


def one_connection(address: Address, deadline: Deadline) -> httpx2.BaseTransport:
    """Return a transport for one request to an address, through the proxy that the environment names for it, if any.

    Args:
        address: the address.
        deadline: limits each read and write.

    Raises:
        InvalidConfiguration: as :func:`proxied`.
    """
    if not address.is_encrypted:  # a proxy must not see what is sent to this machine itself in plain text
        return _limited(httpx2.HTTPTransport(), deadline)
    transport = _client(1)._transport_for_url(httpx2.URL(address.url))  # noqa: SLF001 - there is no public way
    return _limited(transport, deadline) if isinstance(transport, httpx2.HTTPTransport) else transport


def _client(connections: int) -> httpx2.Client:
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    try:
        return httpx2.Client(limits=limits)
    except (ImportError, ValueError, httpx2.InvalidURL):  # the first of a SOCKS proxy
        raise InvalidConfiguration(
            "The proxy that the environment names (HTTPS_PROXY or ALL_PROXY) cannot be used.",
            "Write it like http://proxy.example.com:3128; SOCKS proxies are not supported.",
        ) from None


def _limited(transport: httpx2.HTTPTransport, deadline: Deadline) -> httpx2.HTTPTransport:
    transport._pool._network_backend = _LimitedBackend(deadline)  # noqa: SLF001 - there is no public way
    return transport


class _LimitedBackend(NetworkBackend):
    """Opens connections whose reads and writes end with a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._backend = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        timeout = self._deadline.at_most(timeout)
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _LimitedStream(stream, self._deadline)


class _LimitedStream(NetworkStream):
    """A connection whose reads and writes end with a deadline."""

    def __init__(self, stream: NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.at_most(timeout))
        return _LimitedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore2
        return self._stream.get_extra_info(info)
