"""Who has which part in a journey."""

import pytest

from stacks.journey.errors import JourneyError
from stacks.journey.offer import Space
from stacks.journey.people import Cast, Person, cast_of, people_from, shared_password_people
from stacks.journey.signin import PasswordSignIn, ProviderSignIn

SPACES = {"galaxies": Space(read_write=frozenset({"galaxies"}), read_only=frozenset({"students"}))}


def person(name: str, *groups: str, admin: bool = False) -> Person:
    return Person(sign_in=PasswordSignIn(name, "secret"), groups=frozenset(groups), admin=admin)


ALICE, BOB, CAROL = person("alice", "galaxies"), person("bob", "students"), person("carol", admin=True)


def test_three_people_have_all_parts():
    assert cast_of([CAROL, BOB, ALICE], SPACES) == Cast(
        traveller=ALICE, other=BOB, space="galaxies", reader=BOB, outsider=CAROL
    )


def test_an_admin_is_nobody_s_other_user_because_admins_may_open_servers():
    assert cast_of([ALICE, CAROL], SPACES) == Cast(
        traveller=ALICE, other=None, space="galaxies", reader=None, outsider=CAROL
    )


def test_without_project_spaces_two_people_are_enough():
    assert cast_of([BOB, ALICE], {}) == Cast(traveller=BOB, other=ALICE)


def test_who_may_write_is_no_reader():
    both = person("dora", "galaxies", "students")
    assert cast_of([ALICE, both], SPACES).reader is None


def test_nobody_cannot_travel():
    with pytest.raises(JourneyError, match="at least one person"):
        cast_of([], SPACES)


def test_people_of_a_shared_password_site_come_from_its_record():
    record = {
        "signIn": {
            "kind": "sharedPassword",
            "users": {
                "alice": {"admin": False, "groups": ["galaxies"]},
                "carol": {"admin": True, "groups": []},
            },
        }
    }
    assert shared_password_people(record, users="for-users", admins="for-admins") == [
        Person(sign_in=PasswordSignIn("alice", "for-users"), groups=frozenset({"galaxies"})),
        Person(sign_in=PasswordSignIn("carol", "for-admins"), admin=True),
    ]


def test_people_of_an_identity_provider_come_from_a_file_of_accounts():
    text = '[{"username": "alice", "groups": ["a"], "answers": {"login": "alice", "password": "x"}}]'
    assert people_from(text) == [
        Person(sign_in=ProviderSignIn("alice", {"login": "alice", "password": "x"}), groups=frozenset({"a"}))
    ]


@pytest.mark.parametrize("text", ["", "{}x", '["alice"]', '[{"username": "alice"}]', "3"])
def test_another_file_is_refused_without_showing_it(text: str):
    with pytest.raises(JourneyError, match="must be JSON like"):
        people_from(text)


def test_secrets_are_not_shown():
    assert "secret" not in repr(ALICE)
    assert "hidden" not in repr(ProviderSignIn("alice", {"password": "hidden"}))
