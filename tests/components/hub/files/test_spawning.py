"""What the spawner names, admits and refuses."""

import asyncio
from typing import Any

import pytest
from kubernetes_asyncio.client.rest import ApiException

from refusal import Refused
from server_limits import Usage
from spawning import kubernetes_refusal

GI = 2**30


@pytest.mark.parametrize("name", ["a", "a.b", "a-b", "a_b", "x" * 64, "a--b", "user@very-long.example.org"])
@pytest.mark.parametrize("server", ["", "w", "s" * 60])
def test_pod_names_are_dns_labels(user, name, server):
    pod = user(name).server(server).pod_name
    assert len(pod) <= 63
    assert pod.replace("-", "").isalnum()
    assert pod == pod.lower()
    assert not pod.endswith("-")


def test_different_users_and_servers_have_different_pods(user):
    names = ["a-b", "a.b", "a_b", "a@b", "a--b", "ab", "x" * 63, "x" * 64]
    servers = ["", "b", "s" * 60, "s" * 61]
    assert len({user(name).server(server).pod_name for name in names for server in servers}) == 32


def refusal_of(start) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        start()
    return caught.value.status_code, caught.value.jupyterhub_message


def test_a_forged_profile_is_refused(user):
    assert refusal_of(lambda: user("bob").start(profile="gpu")) == (
        403,
        "The profile 'gpu' is for members of galaxies, and you are not one. Choose one of small.",
    )


def test_the_form_shows_only_what_the_user_may_choose(user):
    assert [profile["slug"] for profile in user("bob").server().profile_list(user("bob").server())] == [
        "small"
    ]


def test_a_server_beyond_the_memory_limit_is_refused_and_holds_nothing(user):
    alice = user("alice", "galaxies")
    alice.start(profile="gpu")
    alice.start("one")
    status, message = refusal_of(lambda: alice.start("two"))
    assert (status, alice.spawners["two"].admitted) == (409, None)
    assert message == (
        "You use 5 GiB of the 5 GiB that you may have at a time, and this server asks for 1 GiB. You have: "
        "the default server (8.5 cores, 4 GiB); the server 'one' (2 cores, 1 GiB). "
        "Stop one of them, on the page Home, or choose a smaller kind of server."
    )


def test_a_server_whose_pod_is_gone_gives_back_what_it_held(user):
    alice = user("alice", "galaxies")
    alice.start(profile="gpu")
    alice.start("one")._stop_pending = True
    alice.spawners["one"].clear_state()
    assert alice.start("two").admitted == Usage(name="two", cpu=2, memory=GI)


def test_a_server_that_is_not_there_holds_nothing_whatever_the_database_remembers(user):
    alice = user("alice", "galaxies")
    alice.start(profile="gpu")
    alice.start("one")._spawn_pending = False
    assert alice.start("two").admitted == Usage(name="two", cpu=2, memory=GI)


def test_a_server_that_is_not_admitted_yet_does_not_count(user):
    alice = user("alice", "galaxies")
    waiting = alice.server("waiting")
    waiting._spawn_pending = True
    alice.start(profile="gpu")
    alice.start("one")
    assert refusal_of(lambda: waiting.apply_user_options(waiting, {}))[0] == 409


def test_what_a_server_holds_outlives_the_hub(user):
    alice = user("alice", "galaxies")
    state = alice.start("fits", profile="gpu").get_state()
    restored = user("alice").server("fits")
    restored.load_state(state)
    assert restored.admitted == Usage(name="fits", cpu=8.5, memory=4 * GI)


def test_a_user_whose_name_cannot_be_a_folder_gets_no_server(user):
    status, message = refusal_of(lambda: user("../bob").start())
    assert (status, message) == (
        403,
        (
            "'../bob' cannot be the name of a home folder. Names are letters without accents, digits, and "
            ". _ - @ between them, 64 characters at most."
        ),
    )


def test_a_full_site_is_explained(user, monkeypatch):
    async def refuse(_: object) -> str:
        error = ApiException(status=403, reason="Forbidden")
        error.body = '{"message": "pods \\"jupyter-bob\\" is forbidden: exceeded quota: servers"}'
        raise error

    monkeypatch.setattr("kubespawner.KubeSpawner._start", refuse)
    with pytest.raises(Refused) as caught:
        asyncio.run(user("bob").start()._start())
    assert caught.value.jupyterhub_message == (
        "The whole site has no room for this server now. Choose a smaller kind, or try again later."
    )


def test_a_server_that_does_not_start_in_time_is_explained(user, monkeypatch):
    async def wait_in_vain(_: object) -> str:
        raise TimeoutError("pod science-local/jupyter-bob did not start in 300 seconds!")

    monkeypatch.setattr("kubespawner.KubeSpawner._start", wait_in_vain)
    with pytest.raises(TimeoutError, match="the server did not start in 300 seconds; the event log says"):
        asyncio.run(user("bob").start()._start())


def test_other_refusals_of_kubernetes_give_their_reason_but_no_details():
    error = ApiException(status=422, reason="Unprocessable Entity")
    error.body = "token made-up"
    assert kubernetes_refusal(error) == (
        "The cluster did not take the server (422 Unprocessable Entity). "
        "Try again; if it stays, tell the site's administrators the time of your attempt."
    )


def test_progress_is_in_words_for_people_without_repeating_itself(user, monkeypatch):
    event = {"reason": "TriggeredScaleUp", "message": "pod triggered scale-up: [{asg 1->2}]"}

    async def steps(_: object):
        yield {"progress": 30, "raw_event": event, "message": "12:00 [Normal] pod triggered"}
        yield {"progress": 50, "raw_event": event, "message": "12:01 [Normal] pod triggered"}
        yield {"message": "Patience"}

    monkeypatch.setattr("kubespawner.KubeSpawner.progress", steps)
    spawner = user("bob").start()

    async def collect() -> list[dict[str, Any]]:
        return [step async for step in spawner.progress()]

    assert asyncio.run(collect()) == [
        {
            "progress": 30,
            "raw_event": event,
            "message": "A new machine is started for the server; this takes some minutes.",
        },
        {"message": "Patience"},
    ]
