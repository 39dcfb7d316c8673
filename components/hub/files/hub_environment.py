"""Secrets of the hub's environment."""

from collections.abc import Mapping


class MissingSecretError(RuntimeError):
    """A secret that the hub needs is not in its environment."""


def secret(environment: Mapping[str, str], name: str) -> str:
    """Return a secret from the environment.

    Raises
    ------
    MissingSecretError
        It is not there, or empty.
    """
    value = environment.get(name, "")
    if not value:
        raise MissingSecretError(
            f"The variable {name} is not set in the hub's pod: the Secret that holds it is missing or empty. "
            "Deploy the site again."
        )
    return value


def token_variable(service: str) -> str:
    """Return the variable that holds a service's token."""
    return f"SERVICE_TOKEN_{service.upper().replace('-', '_')}"
