"""Two plans as one scene: what becomes of each box and link, and of what is not drawn."""

from typing import Any

from components.policies import egress, network, policy
from stacks.draw.compare import compared_scene, renamed
from stacks.draw.scene import Line, Scene, State
from stacks.plan import Plan
from tests.support.big import workload
from tests.support.diff import claim, kubernetes, of


def plan(*objects: dict[str, Any], size: str = "10Gi", **outputs: object) -> Plan:
    return of(
        *(kubernetes(each, f"{each['kind']}-{each['metadata']['name']}") for each in objects),
        claim(size=size),
        **outputs,
    )


def tap(
    replicas: int = 1, image: str = "example.org/tap:0123456789ab", *, write: bool = False
) -> dict[str, Any]:
    manifest = workload("Deployment", "tap", claims={"homes": write}, replicas=replicas)
    manifest["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return manifest


def reaches(cidr: str) -> dict[str, Any]:
    return policy("demo", "tap", egress=[egress(network(cidr), 443)])


def states(scene: Scene) -> dict[str, State]:
    found = {box.title: box.state for box in scene.boxes if box.state != State.SAME}
    return found | {
        f"{link.source.rpartition('/')[2]} {link.way} {link.target.rpartition('/')[2]}": link.state
        for link in scene.links
        if link.state != State.SAME
    }


def lines(scene: Scene, title: str) -> list[Line]:
    return [line for box in scene.boxes if box.title == title for line in box.lines]


def test_what_is_only_in_the_second_plan_is_added_and_what_is_only_in_the_first_removed():
    first = plan(tap(), workload("Job", "ingest"), reaches("10.0.8.0/24"))
    second = plan(tap(), workload("CronJob", "backup", schedule="@daily"), reaches("10.0.9.0/24"))
    assert states(compared_scene(first, second)) == {
        "backup": State.ADDED,
        "10.0.9.0/24": State.ADDED,
        "tap traffic 24": State.REMOVED,
        "ingest": State.REMOVED,
        "10.0.8.0/24": State.REMOVED,
    }


def test_a_line_that_changes_is_told_after_what_it_was():
    scene = compared_scene(plan(tap()), plan(tap(replicas=3)))
    assert states(scene) == {"tap": State.CHANGED}
    assert lines(scene, "tap")[:2] == [
        Line("Deployment, 1 pod", gone=True),
        Line("Deployment, 3 pods"),
    ]


def test_a_new_image_is_named():
    scene = compared_scene(plan(tap()), plan(tap(image="example.org/tap:ba9876543210")))
    assert states(scene) == {"tap": State.CHANGED}
    assert lines(scene, "tap")[-1] == Line("new image tap", strong=True)


def test_what_cannot_change_in_place_is_replaced_and_says_what_becomes_of_it():
    scene = compared_scene(plan(size="20Gi"), plan(size="10Gi"))
    assert states(scene) == {"homes": State.REPLACED}
    (homes,) = (box for box in scene.boxes if box.title == "homes")
    assert homes.notes == ("the volume is lost with it",)


def test_a_mount_that_may_write_now_is_a_changed_link():
    scene = compared_scene(plan(tap()), plan(tap(write=True)))
    assert states(scene) == {"tap": State.CHANGED, "tap write homes": State.CHANGED}


def test_what_is_not_drawn_is_counted():
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {}}
    first, second = plan(tap(), url="https://a.example"), plan(tap(2), secret, url="https://b.example")
    assert compared_scene(first, second).subtitle == (
        "site demo · https://a.example → site demo · https://b.example · 1 changed, 1 change of what is not drawn"
    )


def test_a_plan_compared_with_itself_has_no_changes():
    scene = compared_scene(plan(tap()), plan(tap()))
    assert (states(scene), scene.subtitle) == ({}, "site demo · no changes")


def test_names_made_from_the_site_s_are_those_of_the_other_site_and_words_like_it_stay():
    manifest = workload("Deployment", "tap")
    manifest["metadata"]["namespace"] = "science-demo"
    manifest["metadata"]["annotations"] = {"class": "demo-path", "for": "demo"}
    other = renamed(of(kubernetes(manifest, "demo-tap"), title="Demo"), "boreal")
    (_, found) = other.resources
    assert (other.stack, found.name) == ("boreal", "boreal-tap")
    assert found.urn == "urn:pulumi:boreal::science-platform::kubernetes:apps/v1:Deployment::boreal-tap"
    assert found.inputs["metadata"] == {
        **manifest["metadata"],
        "namespace": "science-boreal",
        "labels": manifest["metadata"]["labels"] | {"app.kubernetes.io/instance": "boreal"},
        "annotations": {"class": "demo-path", "for": "boreal"},
    }


def test_of_two_sites_nothing_is_replaced_and_another_registry_is_no_difference():
    first = renamed(plan(tap(), size="20Gi"), "boreal")
    second = plan(tap(image="other.example.org/tap:0123456789ab"), size="10Gi")
    scene = compared_scene(first, second)
    assert states(scene) == {"homes": State.CHANGED}
    assert scene.subtitle == "site boreal → site demo · 1 changed"
