"""Questions to a resolver: what the world sees of our domain."""

from typing import TYPE_CHECKING, Any

from bookings.late import LateModule

if TYPE_CHECKING:
    from dns import exception, rdatatype, resolver
else:
    exception, rdatatype, resolver = map(LateModule, ("dns.exception", "dns.rdatatype", "dns.resolver"))

_SECONDS = 5.0


class ResolverNotAvailableError(Exception):
    """Nobody answers questions about names; the text says who was asked."""


class Records:
    """A resolver: the system's, or the one at an address like 9.9.9.9 or 127.0.0.1:5353."""

    def __init__(self, address: str = "") -> None:
        try:
            self._resolver = resolver.Resolver(configure=not address)
        except (resolver.NoResolverConfiguration, OSError) as error:
            raise ResolverNotAvailableError("this machine names no resolver") from error
        if address:
            host, _, port = address.partition(":")
            self._resolver.nameservers, self._resolver.port = [host], int(port or 53)
        self._resolver.lifetime = _SECONDS

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each as one line. Raises ResolverNotAvailableError."""
        return [
            b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, rdatatype.TXT)
        ]

    def mail_servers(self, domain: str) -> list[str]:
        """Who takes mail for a domain, the first choice first. Raises ResolverNotAvailableError."""
        records = sorted(self._ask(domain, rdatatype.MX), key=lambda record: int(record.preference))
        return [name for record in records if (name := str(record.exchange).rstrip("."))]

    def _ask(self, name: str, kind: "rdatatype.RdataType") -> list[Any]:
        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return []
        except (exception.DNSException, OSError, ValueError) as error:
            raise ResolverNotAvailableError(
                f"the resolver did not answer ({type(error).__name__})"
            ) from error
