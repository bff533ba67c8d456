"""Which hosts are this machine: plain http may go there, and a proxy never leads there."""

from ipaddress import ip_address


def is_this_machine(host: str) -> bool:
    """Return whether a request to a host does not leave the machine: localhost, a loopback address, Docker's host."""
    if host.lower().rstrip(".") in {"localhost", "host.docker.internal"}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
