"""URNs and aliases, as Pulumi's engine makes them."""

from pulumi.runtime.proto.alias_pb2 import Alias

from stacks.urns import make, resolve_aliases

STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"


def test_children_of_the_stack_do_not_carry_its_type():
    assert make("s", "p", "a:b:C", "c", STACK) == make("s", "p", "a:b:C", "c") == "urn:pulumi:s::p::a:b:C::c"


def test_children_carry_the_types_of_all_their_ancestors():
    assert (
        make("s", "p", "a:b:D", "d", "urn:pulumi:s::p::a:b:B$a:b:C::c")
        == "urn:pulumi:s::p::a:b:B$a:b:C$a:b:D::d"
    )


def test_an_alias_says_what_differs_and_may_be_a_whole_urn():
    urn, parent = "urn:pulumi:s::p::x:y:Z$a:b:C::c", "urn:pulumi:s::p::x:y:Z::z"
    aliases = [
        Alias(spec=Alias.Spec(name="old")),
        Alias(spec=Alias.Spec(noParent=True)),
        Alias(spec=Alias.Spec(type="a:b:Was", parentUrn="urn:pulumi:s::p::u:v:W::w")),
        Alias(urn="urn:pulumi:s::p::what:ever:It::was"),
    ]
    assert resolve_aliases(urn, parent, aliases, ()) == (
        "urn:pulumi:s::p::x:y:Z$a:b:C::old",
        "urn:pulumi:s::p::a:b:C::c",
        "urn:pulumi:s::p::u:v:W$a:b:Was::c",
        "urn:pulumi:s::p::what:ever:It::was",
    )


def test_children_of_a_renamed_parent_are_renamed_with_it():
    urn, parent = "urn:pulumi:s::p::x:y:Z$a:b:C::new-c", "urn:pulumi:s::p::x:y:Z::new"
    assert resolve_aliases(urn, parent, [], ["urn:pulumi:s::p::x:y:Old::old"]) == (
        "urn:pulumi:s::p::x:y:Old$a:b:C::old-c",
    )
