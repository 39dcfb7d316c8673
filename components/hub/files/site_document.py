"""The site as the hub reads it: ``site.json``, checked and typed.

Cores are floats, memory is bytes, times are seconds. The writer is ``components/hub/settings.py``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A kind of server; ``groups`` is empty where everyone may choose it."""

    name: str
    title: str
    description: str
    cpu_guarantee: float
    cpu_limit: float
    memory_guarantee: int
    memory_limit: int
    image: str
    gpus: int
    gpu_resource: str
    node_selector: Mapping[str, str]
    tolerations: tuple[Mapping[str, Any], ...]
    groups: frozenset[str]
    default: bool


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one user may have at a time; None is no limit."""

    servers: int
    cpu: float | None
    memory: int | None


@dataclass(frozen=True, kw_only=True)
class Culling:
    """When servers are stopped, in seconds; without a maximum age only for being idle."""

    idle: int
    maximum_age: int | None
    every: int


@dataclass(frozen=True, kw_only=True)
class ProjectSpace:
    """A folder that groups share."""

    name: str
    read_write: frozenset[str]
    read_only: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Software:
    """The volume of shared software, and the groups that change it."""

    claim: str
    read_write: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A data collection; ``groups`` is empty where everyone may read it."""

    name: str
    claim: str
    groups: frozenset[str]
    read_write: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class LocalUser:
    """A user of a disposable site."""

    groups: tuple[str, ...]
    admin: bool


@dataclass(frozen=True, kw_only=True)
class PasswordIdentity:
    """Sign-in with one shared password."""

    users: Mapping[str, LocalUser]


@dataclass(frozen=True, kw_only=True)
class OidcIdentity:
    """Sign-in through an OpenID Connect provider."""

    title: str
    issuer: str
    client_id: str
    username_claim: str
    groups_claim: str
    scopes: tuple[str, ...]
    allowed_groups: frozenset[str]
    allow_all: bool
    admin_groups: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that the hub knows of its site, secrets apart."""

    name: str
    title: str
    namespace: str
    url: str
    identity: PasswordIdentity | OidcIdentity
    profiles: Mapping[str, Profile]
    limits: Limits
    culling: Culling
    homes_claim: str
    projects_claim: str | None
    spaces: tuple[ProjectSpace, ...]
    scratch_claim: str | None
    software: Software | None
    collections: tuple[Collection, ...]
    priority_class: str
    user_namespaces: bool
    start_timeout: int
    folder_image: str
    services: Mapping[str, tuple[str, ...]]
    doors: tuple[str, ...]
    environment: Mapping[str, str]
    database: str
    labels: Mapping[str, str]


def _profile(name: str, section: Mapping[str, Any]) -> Profile:
    return Profile(
        name=name,
        title=section["title"],
        description=section["description"],
        cpu_guarantee=section["cpu"]["guarantee"],
        cpu_limit=section["cpu"]["limit"],
        memory_guarantee=section["memory"]["guarantee"],
        memory_limit=section["memory"]["limit"],
        image=section["image"],
        gpus=section["gpus"],
        gpu_resource=section["gpuResource"],
        node_selector=section["nodeSelector"],
        tolerations=tuple(section["tolerations"]),
        groups=frozenset(section["groups"]),
        default=section["default"],
    )


def _identity(section: Mapping[str, Any]) -> PasswordIdentity | OidcIdentity:
    if section["kind"] == "sharedPassword":
        users = {
            name: LocalUser(groups=tuple(user["groups"]), admin=user["admin"])
            for name, user in section["users"].items()
        }
        return PasswordIdentity(users=users)
    return OidcIdentity(
        title=section["title"],
        issuer=section["issuer"],
        client_id=section["clientId"],
        username_claim=section["usernameClaim"],
        groups_claim=section["groupsClaim"],
        scopes=tuple(section["scopes"]),
        allowed_groups=frozenset(section["allowedGroups"]),
        allow_all=section["allowAll"],
        admin_groups=frozenset(section["adminGroups"]),
    )


def _spaces(section: Mapping[str, Any] | None) -> tuple[ProjectSpace, ...]:
    spaces = section["spaces"] if section else {}
    return tuple(
        ProjectSpace(
            name=name,
            read_write=frozenset(space["readWrite"]),
            read_only=frozenset(space["readOnly"]),
        )
        for name, space in sorted(spaces.items())
    )


def _software(section: Mapping[str, Any] | None) -> Software | None:
    if section is None:
        return None
    return Software(claim=section["claim"], read_write=frozenset(section["readWrite"]))


def _collections(sections: Mapping[str, Mapping[str, Any]]) -> tuple[Collection, ...]:
    return tuple(
        Collection(
            name=name,
            claim=section["claim"],
            groups=frozenset(section["groups"]),
            read_write=frozenset(section["readWrite"]),
        )
        for name, section in sorted(sections.items())
    )


def parse(document: Mapping[str, Any]) -> Site:
    """Return the site of a decoded ``site.json``.

    Raises
    ------
    KeyError
        A key is missing: the document and this code are of different versions.
    """
    projects = document["projects"]
    limits, culling = document["limits"], document["culling"]
    return Site(
        name=document["site"],
        title=document["title"],
        namespace=document["namespace"],
        url=document["url"].rstrip("/"),
        identity=_identity(document["identity"]),
        profiles={name: _profile(name, section) for name, section in document["profiles"].items()},
        limits=Limits(servers=limits["servers"], cpu=limits["cpu"], memory=limits["memory"]),
        culling=Culling(idle=culling["idle"], maximum_age=culling["maximumAge"], every=culling["every"]),
        homes_claim=document["homes"]["claim"],
        projects_claim=projects["claim"] if projects else None,
        spaces=_spaces(projects),
        scratch_claim=document["scratch"]["claim"] if document["scratch"] else None,
        software=_software(document["software"]),
        collections=_collections(document["collections"]),
        priority_class=document["priorityClass"],
        user_namespaces=document["userNamespaces"],
        start_timeout=document["startTimeout"],
        folder_image=document["folderImage"],
        services={name: tuple(section["scopes"]) for name, section in document["services"].items()},
        doors=tuple(document["doors"]),
        environment=document["environment"],
        database=document["state"]["kind"],
        labels=document["labels"],
    )


def load(path: Path) -> Site:
    """Return the site of a ``site.json`` file."""
    return parse(json.loads(path.read_text()))
