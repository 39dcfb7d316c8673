"""What one user may have at a time, over all of their servers."""

from collections.abc import Sequence
from dataclasses import dataclass

from site_document import Limits


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a server holds; ``name`` is empty for a user's default server.

    Parameters
    ----------
    cpu
        Limit in cores.
    memory
        Limit in bytes.
    stopping
        Whether it is about to give all of that back.
    """

    name: str
    cpu: float
    memory: int
    stopping: bool = False


def cores(amount: float) -> str:
    """Return an amount of cores for people."""
    return "1 core" if amount == 1 else f"{amount:g} cores"


def gibibytes(amount: int) -> str:
    """Return an amount of memory for people."""
    return f"{amount / 2**30:.3g} GiB"


def _title(server: Usage) -> str:
    name = f"the server '{server.name}'" if server.name else "the default server"
    held = f"{cores(server.cpu)}, {gibibytes(server.memory)}"
    return f"{name} ({held}{', stopping already' if server.stopping else ''})"


def _advice(servers: Sequence[Usage]) -> str:
    if any(server.stopping for server in servers):
        return "Wait until it has stopped, or stop another"
    return "Stop it" if len(servers) == 1 else "Stop one of them"


def _excess(used: str, allowed: str, wanted: str, servers: Sequence[Usage]) -> str:
    running = "; ".join(_title(server) for server in servers)
    return (
        f"You use {used} of the {allowed} that you may have at a time, and this server asks for {wanted}. "
        f"You have: {running}. {_advice(servers)}, on the page Home, or choose a smaller kind of server."
    )


def _too_large(wanted: str, allowed: str) -> str:
    return (
        f"This server asks for {wanted}, and nobody may have more than {allowed} at a time on this site. "
        "Choose a smaller kind of server."
    )


def limit_refusal(limits: Limits, running: Sequence[Usage], wanted: Usage) -> str | None:
    """Return why a server may not start beside those that run, or None where it may.

    Parameters
    ----------
    running
        The user's other servers: running, starting or stopping.
    wanted
        What the new one asks for.
    """
    if len(running) >= limits.servers:
        titles = "; ".join(_title(server) for server in running)
        return (
            f"You have {len(running)} of the {limits.servers} servers that you may have at a time: {titles}. "
            f"{_advice(running)}, on the page Home, and start this one again."
        )
    if limits.cpu is not None:
        used = sum(server.cpu for server in running)
        if wanted.cpu > limits.cpu:
            return _too_large(cores(wanted.cpu), cores(limits.cpu))
        if used + wanted.cpu > limits.cpu:
            return _excess(cores(used), cores(limits.cpu), cores(wanted.cpu), running)
    if limits.memory is not None:
        used_memory = sum(server.memory for server in running)
        if wanted.memory > limits.memory:
            return _too_large(gibibytes(wanted.memory), gibibytes(limits.memory))
        if used_memory + wanted.memory > limits.memory:
            return _excess(
                gibibytes(used_memory), gibibytes(limits.memory), gibibytes(wanted.memory), running
            )
    return None
