"""What follows from an image or a file is one line."""

import json
from typing import Any

from stacks.diff import Action, Cause, Changes, Field, Impact, compare
from stacks.plan import PlannedResource
from tests.support.diff import kubernetes, of, workload

HUB = "the hub restarts: sign-in and starting servers pause, running servers go on"
LAB = "example.org/science-platform/lab:{}"
OLD, NEW = "0123456789ab", "ba9876543210"


def config(hash_: str, **data: str) -> PlannedResource:
    metadata = {"name": f"hub-config-{hash_}", "namespace": "science-demo"}
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata,
        "data": data,
        "immutable": True,
    }
    return kubernetes(manifest, "hub-config")


def hub(hash_: str, image: str = "example.org/hub:1") -> PlannedResource:
    found = workload(image=image)
    spec: Any = found.inputs["spec"]
    spec["template"]["spec"]["volumes"] = [{"name": "config", "configMap": {"name": f"hub-config-{hash_}"}}]
    return found


def site(memory: int = 1, image: str = OLD) -> str:
    return json.dumps({"profiles": {"small": {"memory": memory, "image": LAB.format(image)}}})


def urns(*resources: PlannedResource) -> tuple[str, ...]:
    return tuple(each.urn for each in resources)


def test_a_file_that_changes_is_one_line_with_all_that_follows():
    before = of(config("aaaaaaaaaa", **{"site.json": site(1)}), hub("aaaaaaaaaa"))
    after = [config("bbbbbbbbbb", **{"site.json": site(2)}), hub("bbbbbbbbbb")]
    changes = compare(before, of(*after))
    assert changes.causes == (
        Cause(
            "config hub-config",
            (Field("/site.json/profiles/small/memory", 1, 2),),
            changes=urns(*after),
            impact=Impact.ROLLS_PODS,
            notes=(HUB,),
        ),
    )
    assert (changes.own, changes.impact) == ((), Impact.ROLLS_PODS)


def test_an_image_in_a_file_is_the_image_and_the_file_says_nothing_more():
    before = of(
        config("aaaaaaaaaa", **{"site.json": site(image=OLD)}),
        hub("aaaaaaaaaa"),
        images={"lab": LAB.format(OLD)},
    )
    after = [config("bbbbbbbbbb", **{"site.json": site(image=NEW)}), hub("bbbbbbbbbb")]
    assert compare(before, of(*after, images={"lab": LAB.format(NEW)})) == Changes(
        site="demo",
        changes=compare(before, of(*after)).changes,
        causes=(Cause("image lab", (Field("", OLD, NEW),), urns(*after), Impact.ROLLS_PODS, (HUB,)),),
    )


def test_an_image_and_a_setting_are_two_causes():
    before = of(config("aaaaaaaaaa", **{"site.json": site(1, OLD)}), hub("aaaaaaaaaa"))
    after = [config("bbbbbbbbbb", **{"site.json": site(2, NEW)}), hub("bbbbbbbbbb")]
    changes = compare(before, of(*after))
    assert [(cause.title, cause.fields) for cause in changes.causes] == [
        ("image lab", (Field("", OLD, NEW),)),
        ("config hub-config", (Field("/site.json/profiles/small/memory", 1, 2),)),
    ]
    assert changes.own == ()


def test_an_image_that_a_site_names_is_called_by_its_repository():
    (cause,) = compare(
        of(workload(image="example.org/hub:2026.1")), of(workload(image="example.org/hub:2026.2"))
    ).causes
    assert (cause.title, cause.fields) == ("image example.org/hub", (Field("", "2026.1", "2026.2"),))


def test_an_image_from_elsewhere_shows_where_from():
    (cause,) = compare(of(workload(image="a.org/hub:1")), of(workload(image="b.org/hub:1"))).causes
    assert (cause.title, cause.fields) == ("image b.org/hub", (Field("", "a.org/hub:1", "b.org/hub:1"),))


def test_two_images_that_become_one_are_told_apart():
    before = of(workload("a", "example.org/x:1"), workload("b", "example.org/x:2"))
    after = of(workload("a", "example.org/x:3"), workload("b", "example.org/x:3"))
    assert [cause.title for cause in compare(before, after).causes] == [
        "image example.org/x",
        "image example.org/x (2)",
    ]


def fetching(hash_: str, image: str, **container: str) -> PlannedResource:
    found = workload("image-pre-pull", kind="DaemonSet")
    spec: Any = found.inputs["spec"]
    spec["template"]["spec"]["initContainers"] = [{"name": f"fetch-{hash_}", "image": image, **container}]
    return found


def test_a_name_that_holds_the_hash_of_the_image_beside_it_is_explained_by_it():
    changes = compare(
        of(fetching("aaaaaaaaaa", "example.org/x:1")), of(fetching("bbbbbbbbbb", "example.org/x:2"))
    )
    assert ([cause.title for cause in changes.causes], changes.own) == (["image example.org/x"], ())


def test_what_changes_besides_is_its_own():
    before = of(fetching("aaaaaaaaaa", "example.org/x:1"))
    (change,) = compare(before, of(fetching("bbbbbbbbbb", "example.org/x:2", workingDir="/"))).own
    assert [field.path for field in change.fields if not field.causes] == [
        "/spec/template/spec/initContainers/fetch-aaaaaaaaaa/workingDir"
    ]


def test_a_hash_that_nothing_explains_is_shown():
    (change,) = compare(of(hub("aaaaaaaaaa")), of(hub("bbbbbbbbbb"))).own
    assert change.fields == (
        Field(
            "/spec/template/spec/volumes/config/configMap/name",
            "hub-config-aaaaaaaaaa",
            "hub-config-bbbbbbbbbb",
        ),
    )


def test_the_same_content_under_another_hash_is_shown():
    changes = compare(of(config("aaaaaaaaaa", a="1")), of(config("bbbbbbbbbb", a="1")))
    assert (changes.causes, [each.action for each in changes.own]) == ((), [Action.REPLACED])


def test_a_config_map_of_another_name_is_replaced_like_anything():
    before, after = config("aaaaaaaaaa", a="1"), config("bbbbbbbbbb", a="2")
    after.inputs["metadata"]["name"] = "core-config-bbbbbbbbbb"  # type: ignore[index] - a manifest
    assert compare(of(before), of(after)).causes == ()


def test_another_profile_with_another_image_is_no_reason_for_the_first():
    def two(first: str, second: str) -> str:
        return json.dumps({"a": {"image": first}, "b": {"image": second}})

    before = of(config("aaaaaaaaaa", **{"site.json": two("example.org/x:1", "example.org/x:1")}))
    after = of(config("bbbbbbbbbb", **{"site.json": two("example.org/y:1", "example.org/z:1")}))
    assert [cause.title for cause in compare(before, after).causes] == [
        "image example.org/y",
        "image example.org/z",
    ]
