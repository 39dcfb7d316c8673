"""The capability record of a site: what it offers, as the stack's outputs; it holds no secrets."""

from typing import Any
from urllib.parse import urljoin

from components.gateways.spec import hosts as gateway_hosts
from components.hub.settings import profile_image
from components.platform import SciencePlatform
from images.catalog import reference
from images.versions import versions
from infra.cluster import Cluster
from stacks.cost import estimate
from stacks.site import Site


def _profiles(site: Site) -> dict[str, Any]:
    return {
        name: {
            "title": profile.title,
            "cpu": profile.cpu.limit,
            "memory": profile.memory.limit,
            "gpus": profile.gpus,
            "image": profile_image(profile, lambda image: reference(image, site.images.registry)),
            "groups": list(profile.groups),
        }
        for name, profile in site.hub.profiles.items()
    }


def _sign_in(site: Site) -> dict[str, Any]:
    if site.identity.kind == "oidc":
        return {"kind": "oidc", "title": site.identity.title, "issuer": site.identity.issuer}
    users = {
        name: {"admin": user.admin, "groups": list(user.groups)} for name, user in site.identity.users.items()
    }
    return {"kind": "sharedPassword", "users": users}


def _volumes(site: Site) -> dict[str, Any]:
    """Return what people find beside their homes; who may enter is said by groups."""
    storage = site.storage
    spaces = storage.projects.spaces if storage.projects else {}
    scratch, software = storage.scratch, storage.software
    return {
        "projects": {key: space.model_dump(mode="json", by_alias=True) for key, space in spaces.items()},
        "scratch": {"cleanAfter": scratch.clean_after} if scratch else None,
        "software": {"readWrite": list(software.read_write)} if software else None,
        "data": {
            key: {"title": each.title, "groups": list(each.groups), "readWrite": list(each.read_write)}
            for key, each in storage.collections.items()
        },
    }


def _images(site: Site) -> tuple[str, ...]:
    database = ("postgres",) if site.tap and site.tap.database.kind == "embedded" else ()
    gateways = gateway_hosts(site.gateways, site.edge.host)
    return ("hub", "proxy", "edge", "lab", *gateways, *(("tap",) if site.tap else ()), *database)


def capability_record(name: str, site: Site, cluster: Cluster, platform: SciencePlatform) -> dict[str, Any]:
    """Return the record of a site: doors, sign-in, profiles, limits, volumes, images and capabilities."""
    return {
        "site": name,
        "title": site.title,
        "url": platform.url,
        "caCertificate": platform.authority,
        "doors": {
            door.name: {"title": door.title, "url": urljoin(platform.url, door.address(platform.url))}
            for door in platform.doors
        },
        "signIn": _sign_in(site),
        "profiles": _profiles(site),
        "limits": site.hub.limits.model_dump(mode="json", by_alias=True),
        **_volumes(site),
        "images": {image: reference(image, site.images.registry) for image in _images(site)},
        "versions": versions(),
        "cost": estimate(site),
        "capabilities": {
            "exposure": cluster.exposure,
            "networkPolicy": cluster.capabilities.network_policy,
            "keepsHomes": site.storage.homes.kept(disposable=site.disposable),
        },
    }
