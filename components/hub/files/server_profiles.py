"""Profiles: who may choose which, and what the choice means for KubeSpawner."""

from collections.abc import Collection, Mapping
from typing import Any

from refusal import Refused
from server_limits import cores, gibibytes
from site_document import Profile


def allowed_profiles(profiles: Mapping[str, Profile], groups: Collection[str]) -> list[Profile]:
    """Return the profiles that a member of these groups may choose: the default first, then the smaller ones."""
    allowed = [
        profile
        for profile in profiles.values()
        if not profile.groups or not profile.groups.isdisjoint(groups)
    ]
    return sorted(
        allowed, key=lambda each: (not each.default, each.gpus, each.memory_limit, each.cpu_limit, each.name)
    )


def described(profile: Profile) -> str:
    """Return the line below a profile's title: what it is good for, and how much it is."""
    gpus = f", {profile.gpus} GPU{'s' if profile.gpus > 1 else ''}" if profile.gpus else ""
    size = f"Up to {cores(profile.cpu_limit)}, {gibibytes(profile.memory_limit)} of memory{gpus}."
    return f"{profile.description.rstrip('.')}. {size}" if profile.description else size


def profile_list(profiles: Mapping[str, Profile], groups: Collection[str]) -> list[dict[str, Any]]:
    """Return KubeSpawner's ``profile_list``: what the form shows, without what it means."""
    return [
        {
            "slug": profile.name,
            "display_name": profile.title,
            "description": described(profile),
            "default": profile.default,
        }
        for profile in allowed_profiles(profiles, groups)
    ]


def chosen_profile(
    profiles: Mapping[str, Profile], groups: Collection[str], user_options: Mapping[str, Any]
) -> Profile:
    """Return the profile that a request asks for, whoever forged it: the form, the API or the database.

    Raises
    ------
    Refused
        403 for a profile of other groups, 400 for anything that is not the name of a profile.
    """
    allowed = allowed_profiles(profiles, groups)
    if not allowed:
        raise Refused(
            403,
            "No kind of server on this site is open to your groups. "
            "Ask the site's administrators to be added to one.",
        )
    names = ", ".join(profile.name for profile in allowed)
    unknown = sorted(set(user_options) - {"profile"})
    if unknown:
        raise Refused(
            400, f"A server has no option {unknown[0]!r}: only 'profile' can be chosen, of {names}."
        )
    wanted = user_options.get("profile")
    if wanted is None or wanted == "":
        return next((profile for profile in allowed if profile.default), allowed[0])
    if not isinstance(wanted, str) or wanted not in profiles:
        raise Refused(400, f"This site has no profile {wanted!r}. Choose one of {names}.")
    profile = profiles[wanted]
    if profile not in allowed:
        raise Refused(
            403,
            f"The profile {wanted!r} is for members of {' or '.join(sorted(profile.groups))}, "
            f"and you are not one. Choose one of {names}.",
        )
    return profile


def profile_traits(profile: Profile) -> dict[str, Any]:
    """Return what a profile sets on KubeSpawner: all of it every time, so that nothing stays of the last."""
    gpus = {profile.gpu_resource: str(profile.gpus)} if profile.gpus else {}
    return {
        "image": profile.image,
        "cpu_guarantee": profile.cpu_guarantee,
        "cpu_limit": profile.cpu_limit,
        "mem_guarantee": profile.memory_guarantee,
        "mem_limit": profile.memory_limit,
        "extra_resource_guarantees": gpus,
        "extra_resource_limits": gpus,
        "node_selector": dict(profile.node_selector),
        "tolerations": [dict(toleration) for toleration in profile.tolerations],
    }
