"""Who may choose which profile."""

import pytest

from refusal import Refused
from server_profiles import chosen_profile, profile_list, profile_traits
from site_document import parse

GI = 2**30
SMALL = {
    "slug": "small",
    "display_name": "Small",
    "description": "For light work. Up to 2 cores, 1 GiB of memory.",
    "default": True,
}
GPU = {
    "slug": "gpu",
    "display_name": "GPU",
    "description": "Up to 8.5 cores, 4 GiB of memory, 2 GPUs.",
    "default": False,
}


def test_members_see_what_is_for_them_and_for_everyone(site):
    assert profile_list(site.profiles, {"galaxies"}) == [SMALL, GPU]


def test_others_see_what_is_for_everyone(site):
    assert profile_list(site.profiles, {"planets"}) == [SMALL]


@pytest.mark.parametrize("options", [{}, {"profile": ""}, {"profile": None}])
def test_who_does_not_choose_gets_the_default(site, options):
    assert chosen_profile(site.profiles, {"galaxies"}, options).name == "small"


def test_where_the_default_is_not_for_the_user_the_first_that_is_starts(document):
    document["profiles"]["small"]["groups"] = ["staff"]
    assert chosen_profile(parse(document).profiles, {"galaxies"}, {}).name == "gpu"


@pytest.mark.parametrize(
    ("groups", "options", "status", "message"),
    [
        (
            {"planets"},
            {"profile": "gpu"},
            403,
            "The profile 'gpu' is for members of galaxies, and you are not one. Choose one of small.",
        ),
        (
            {"galaxies"},
            {"profile": "huge"},
            400,
            "This site has no profile 'huge'. Choose one of small, gpu.",
        ),
        (
            {"galaxies"},
            {"profile": ["gpu"]},
            400,
            "This site has no profile ['gpu']. Choose one of small, gpu.",
        ),
        (
            {"galaxies"},
            {"profile": "small", "image": "evil"},
            400,
            "A server has no option 'image': only 'profile' can be chosen, of small, gpu.",
        ),
    ],
)
def test_forged_options_are_refused(site, groups, options, status, message):
    with pytest.raises(Refused) as caught:
        chosen_profile(site.profiles, groups, options)
    assert (caught.value.status_code, caught.value.jupyterhub_message) == (status, message)


def test_a_user_for_whom_there_is_nothing_is_told_so(document):
    document["profiles"]["small"]["groups"] = ["staff"]
    with pytest.raises(Refused, match="No kind of server on this site is open to your groups"):
        chosen_profile(parse(document).profiles, {"planets"}, {})


def test_a_profile_without_gpus_sets_everything_too(site):
    assert profile_traits(site.profiles["small"]) == {
        "image": "localhost/science-platform/lab:1",
        "cpu_guarantee": 0.1,
        "cpu_limit": 2,
        "mem_guarantee": GI // 4,
        "mem_limit": GI,
        "extra_resource_guarantees": {},
        "extra_resource_limits": {},
        "node_selector": {},
        "tolerations": [],
    }


def test_a_profile_with_gpus(site):
    assert profile_traits(site.profiles["gpu"]) == {
        "image": "registry.example.org/gpu-lab:2",
        "cpu_guarantee": 4,
        "cpu_limit": 8.5,
        "mem_guarantee": 4 * GI,
        "mem_limit": 4 * GI,
        "extra_resource_guarantees": {"amd.com/gpu": "2"},
        "extra_resource_limits": {"amd.com/gpu": "2"},
        "node_selector": {"pool": "gpu"},
        "tolerations": [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}],
    }


def test_the_default_comes_first_then_the_smaller_ones(document):
    small = document["profiles"]["small"]
    document["profiles"] = {
        "huge": {**small, "default": False, "memory": {"guarantee": GI, "limit": 64 * GI}},
        "usual": {**small, "memory": {"guarantee": GI, "limit": 8 * GI}},
        "tiny": {**small, "default": False},
    }
    offered = profile_list(parse(document).profiles, ())
    assert [profile["slug"] for profile in offered] == ["usual", "tiny", "huge"]
