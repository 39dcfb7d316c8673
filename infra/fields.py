"""What all sections of a site file are made of: the base model and the field types they share."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, GetJsonSchemaHandler, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ACRONYMS = {
    "acme": "ACME",
    "csi": "CSI",
    "cvmfs": "CVMFS",
    "nfs": "NFS",
    "cidr": "CIDR",
    "cpu": "CPU",
    "gpu": "GPU",
    "gpus": "GPUs",
    "oidc": "OIDC",
    "tap": "TAP",
    "tls": "TLS",
}


def _title(words: str) -> str:
    """Return words as a title: ``gpu resource`` becomes ``GPU resource``."""
    first, *others = [_ACRONYMS.get(word.lower(), word.lower()) for word in words.split()]
    return " ".join([first[0].upper() + first[1:], *others])


class Spec(BaseModel):
    """A section of the site file: unknown keys are errors, values never change, keys are camelCase.

    The docstring under a field is its description in the schema, the reference and error messages.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        model_title_generator=lambda model: _title(_CAPITAL.sub(" ", model.__name__.removesuffix("Spec"))),
        field_title_generator=lambda name, _: _title(name.replace("_", " ")),
        use_attribute_docstrings=True,
        strict=False,
    )


@dataclass(frozen=True)
class Expected:
    """What a text should look like, in words: every pattern has one, since nobody should have to read it.

    It is the schema's ``patternErrorMessage``, which editors show, and from there in errors and the reference.

    Parameters
    ----------
    text
        What comes after "expected": with an example, without a final full stop.
    """

    text: str

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the message to the JSON schema of the value."""
        return {**handler(core_schema), "patternErrorMessage": f"expected {self.text}"}


_MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Mi|Gi|Ti)")
_MEMORY_FACTORS = {"Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
_DURATION = re.compile(r"([0-9]+)(s|m|h|d)")
_DURATION_FACTORS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def bytes_of(memory: str) -> int:
    """Return a quantity such as ``1.5Gi`` in bytes."""
    match = _MEMORY.fullmatch(memory)
    if match is None:
        raise ValueError(f"{memory!r} is not an amount such as 512Mi, 2Gi or 1.5Ti")
    return int(float(match[1]) * _MEMORY_FACTORS[match[2]])


def seconds_of(duration: str) -> int:
    """Return a duration such as ``90m`` in seconds."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration such as 30s, 90m, 12h or 7d")
    return int(match[1]) * _DURATION_FACTORS[match[2]]


def _is_memory(value: str) -> str:
    if bytes_of(value) <= 0:
        raise ValueError("must be more than nothing")
    return value


def _is_duration(value: str) -> str:
    if seconds_of(value) <= 0:
        raise ValueError("must be more than nothing")
    return value


def _is_cidr(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError("expected a network such as 192.0.2.0/24") from None
    if str(network.network_address) != value.partition("/")[0]:
        raise ValueError(f"is an address in the network {network}: write the network")
    return value


Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", max_length=40),
    Expected("a name of at most 40 lower-case letters, digits and hyphens, such as large-memory"),
]
"""A DNS label (RFC 1123) that starts with a letter, short enough to be prefixed."""

ObjectName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", max_length=253),
    Expected("the name of a Kubernetes object, such as ceph-rwx"),
]
"""The name of a Kubernetes object that is there already (RFC 1123 subdomain)."""

GroupName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_/][A-Za-z0-9_.:@/ -]*$", max_length=255),
    Expected("a group as the identity provider spells it, such as galaxies or /survey/members"),
]
"""A group as the identity provider spells it; Keycloak's full paths begin with a slash."""

Username = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9._@]*[a-z0-9])?$", max_length=64),
    Expected("a user name in lower case, such as ada"),
]
"""A user as the hub knows them: lower case."""

Memory = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(Mi|Gi|Ti)$"),
    Expected("an amount such as 512Mi, 2Gi or 1.5Ti"),
    AfterValidator(_is_memory),
]
"""An amount of memory or disk: ``512Mi``, ``2Gi``, ``1.5Ti``."""

Duration = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]+(s|m|h|d)$"),
    Expected("a length of time such as 30s, 90m, 12h or 7d"),
    AfterValidator(_is_duration),
]
"""A length of time: ``30s``, ``90m``, ``12h``, ``7d``."""

Cidr = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-fA-F.:]+/[0-9]{1,3}$"),
    Expected("a network such as 192.0.2.0/24"),
    AfterValidator(_is_cidr),
]
"""An IP network: ``192.0.2.0/24``."""

Folder = Annotated[
    str,
    StringConstraints(pattern=r"^/([^/\s:,]+(/[^/\s:,]+)*)?$", max_length=500),
    Expected("an absolute path without a slash at its end, such as /export/homes"),
]
"""The absolute path of a folder on a file server."""

Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    Expected("an e-mail address such as operations@example.org"),
]
"""An e-mail address, as far as its form tells."""

Host = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", max_length=253
    ),
    Expected("a host name such as science.example.org, in lower case, without scheme, port or path"),
]
"""A DNS host name (RFC 1123), lower case, without scheme, port or path."""

LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9][-.a-z0-9]*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", max_length=317
    ),
    Expected("a label or taint key such as node.kubernetes.io/instance-type"),
]
"""The key of a Kubernetes label or taint."""

LabelValue = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$", max_length=63),
    Expected("a label or taint value of at most 63 letters, digits, '-', '_' and '.', such as g3.xl"),
]
"""The value of a Kubernetes label or taint."""
