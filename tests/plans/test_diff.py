"""What changes of site files and of the code would do to whole sites."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.diff import Action, Changes, Data, Field, Impact, compare
from stacks.diff.holds import kind_of
from stacks.diff.wording import cause_line, change_line
from stacks.plan import Plan, PlannedResource
from tests.support.checkout import committed, copied, edit, git
from tests.support.generated import generated_sites
from tests.support.plans import SITES, planned_file, planned_site, site_value

Site = dict[str, Any]


def changed(name: str, edit: Callable[[Site], object]) -> Changes:
    """Return what an edit of a committed site's file would do to it."""
    site = site_value(SITES[name])
    edit(site)
    return compare(planned_file(SITES[name]), planned_site(name, site))


def told(changes: Changes) -> list[str]:
    return [*map(cause_line, changes.causes), *map(change_line, changes.own)]


HUB = "rolls pods: the hub restarts: sign-in and starting servers pause, running servers go on"


def test_another_image_of_one_profile_is_one_line():
    def edit(site: Site) -> None:
        site["hub"]["profiles"]["imaging"]["image"] = "images.boreal.example.org/radio/imaging:2026.3"

    changes = changed("boreal", edit)
    assert told(changes) == [f"image images.boreal.example.org/radio/imaging: 2026.2 → 2026.3 — {HUB}"]
    assert changes.outputs == ()


def test_another_image_of_the_platform_is_one_line(monkeypatch: pytest.MonkeyPatch):
    before = planned_file(SITES["local"])
    old = before.outputs["images"]
    monkeypatch.setattr("images.catalog.tag", lambda name: "0" * 12 if name == "lab" else _tag(old, name))
    changes = compare(before, planned_site("local", site_value(SITES["local"])))
    assert told(changes) == [f"image lab: {_tag(old, 'lab')} → {'0' * 12} — {HUB}"]
    assert changes.outputs == ()


def _tag(images: object, name: str) -> str:
    assert isinstance(images, dict)
    # The base image is in no output: any tag does that is the same on both sides.
    return images[name].rpartition(":")[2] if name in images else _base()


def _base() -> str:
    settings = str(planned_file(SITES["local"]).manifests())
    return settings.partition("science-platform/base:")[2][:12]


def test_a_setting_is_one_line_that_says_which():
    changes = changed("local", lambda site: site["hub"]["profiles"]["large"]["memory"].update(limit="5Gi"))
    assert told(changes) == [
        f"config hub-config: site.json /profiles/large/memory/limit: 4294967296 → 5368709120 — {HUB}"
    ]
    assert changes.outputs == (Field("/profiles/large/memory", "4Gi", "5Gi"),)


def test_another_registry_is_one_line_an_image():
    changes = changed("boreal", lambda site: site["images"].update(registry="registry.example.org/other"))
    assert [line.partition(" — ")[0].partition(":")[0] for line in told(changes)] == [
        "image base",
        "image webdav",
        "image s3",
        "image lab",
        "image hub",
        "image proxy",
        "image backup",
        "image edge",
    ]


def test_a_home_volume_of_another_storage_class_loses_what_is_in_it():
    def edit(site: Site) -> None:
        site["cluster"]["volumes"]["homes"]["storageClass"] = "csi-cinder-ssd"

    (change,) = changed("boreal", edit).changes
    assert (change.action, change.object, change.impact, change.data, change.fields) == (
        Action.REPLACED,
        "homes",
        Impact.LOSES_DATA,
        Data.REFUSED,
        (Field("/spec/storageClassName", "csi-manila-cephfs", "csi-cinder-ssd", forces=True),),
    )


def renamed(plan: Plan, old: str, new: str, **options: object) -> Plan:
    """Return a plan in which a resource and its object have another name, as an added count gives them."""

    def edited(each: PlannedResource) -> PlannedResource:
        if each.name != old:
            return each
        metadata: Any = each.inputs["metadata"]
        return replace(
            each,
            name=new,
            urn=each.urn.replace(f"::{old}", f"::{new}"),
            inputs={**each.inputs, "metadata": {**metadata, "name": f"{metadata['name']}-0"}},
            options=replace(each.options, **options),  # pyright: ignore[reportArgumentType] - any option
        )

    return replace(plan, resources=tuple(edited(each) for each in plan.resources))


def test_a_home_volume_named_by_an_added_count_is_one_that_goes_and_one_that_comes():
    before = planned_file(SITES["boreal"])
    created, deleted = compare(
        before, renamed(before, "boreal-storage-homes", "boreal-storage-homes-0")
    ).changes
    assert (created.action, created.object) == (Action.CREATED, "homes-0")
    assert (deleted.action, deleted.object, deleted.impact, deleted.data) == (
        Action.DELETED,
        "homes",
        Impact.LOSES_DATA,
        Data.REFUSED,
    )


def test_an_alias_does_not_save_what_gets_another_name_in_the_cluster():
    before = planned_file(SITES["boreal"])
    (home,) = (each for each in before.resources if each.name == "boreal-storage-homes")
    after = renamed(before, home.name, f"{home.name}-0", aliases=(home.urn,))
    (change,) = compare(before, after).changes
    assert (change.action, change.before_urn, change.data) == (Action.REPLACED, home.urn, Data.REFUSED)


def test_protection_taken_away_from_a_volume_that_is_replaced_in_the_same_change():
    def edit(site: Site) -> None:
        site["storage"]["homes"]["keep"] = False
        site["cluster"]["volumes"]["homes"]["storageClass"] = "csi-cinder-ssd"

    (change,) = changed("boreal", edit).changes
    assert (change.action, change.data, change.notes) == (
        Action.REPLACED,
        Data.LOST,
        ("the volume is lost with it: its protection is taken away in the same change",),
    )


def test_protection_taken_away_from_volumes_that_go_in_the_same_change():
    def edit(site: Site) -> None:
        site["disposable"] = True
        del site["storage"]["projects"], site["storage"]["quotas"]

    gone = [each for each in changed("boreal", edit).changes if each.action == Action.DELETED]
    assert [(each.object, each.impact, each.data) for each in gone if each.data] == [
        ("projects", Impact.LOSES_DATA, Data.REFUSED)
    ]


def test_a_volume_grows_in_place():
    changes = changed("boreal", lambda site: site["storage"]["scratch"].update(size="200Ti"))
    assert [(each.object, each.action, each.impact) for each in changes.changes] == [
        ("scratch", Action.UPDATED, Impact.NONE)
    ]


def test_a_volume_that_is_to_shrink_is_said_to_be_lost():
    changes = changed("boreal", lambda site: site["storage"]["scratch"].update(size="50Ti"))
    assert [(each.object, each.action, each.data) for each in changes.changes] == [
        ("scratch", Action.REPLACED, Data.REFUSED)
    ]


def test_another_cluster_replaces_everything_and_says_what_is_lost():
    changes = changed("meridian", lambda site: site["cluster"].update(context="another"))
    assert {each.action for each in changes.changes} == {Action.REPLACED}
    assert {each.object for each in changes.changes if each.impact == Impact.LOSES_DATA} == {
        "homes",
        "projects",
        "scratch",
        "data-release-4",
        "science-meridian",
        "tap-database",
        "tap-results",
    }


def test_a_site_on_another_address_interrupts_everybody():
    changes = changed("meridian", lambda site: site["edge"].update(host="lab.meridian.example.org"))
    assert changes.impact == Impact.INTERRUPTS_USERS


@pytest.mark.parametrize("name", SITES)
def test_nothing_changes_between_two_plans_of_one_site(name: str):
    assert compare(planned_file(SITES[name]), planned_site(name, site_value(SITES[name]))) == Changes(name)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a checkout of its own with one commit: all that is here, and two dozen sites more."""
    folder = tmp_path_factory.mktemp("checkout") / "platform"
    copied(folder)
    for name, site in generated_sites():
        document = {"config": {"science-platform:site": site}}
        path = folder / f"generated/Pulumi.{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(document))
    committed(folder)
    return folder


def diff(checkout: Path, *arguments: str) -> tuple[int, str]:
    """Return how the command ends and what it prints; the checkout is as it was committed afterwards."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-m", "stacks", "diff", *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, check=False, capture_output=True, text=True)
    assert git(checkout, "worktree", "list").count("\n") == 1
    git(checkout, "checkout", "--quiet", ".")
    git(checkout, "clean", "--quiet", "--force")
    return done.returncode, done.stdout.partition(": ")[2] + done.stderr


def test_the_command_compares_the_working_tree_with_its_commit(checkout: Path):
    stacks = checkout / "stacks"
    edit(stacks / "Pulumi.boreal.yaml", "radio/imaging:2026.2", "radio/imaging:2026.3")
    edit(stacks / "Pulumi.local.yaml", "    title: Local science platform\n    disposable: true\n", "")
    edit(
        stacks / "Pulumi.local.yaml",
        "  science-platform:site:\n",
        "  science-platform:site:\n    # In another order.\n    disposable: true\n    title: Local science platform\n",
    )
    (stacks / "Pulumi.meridian.yaml").rename(stacks / "Pulumi.zenith.yaml")
    assert diff(checkout) == (
        1,
        f"""\
6 sites: 1 rolls pods; 3 no changes; 1 removed; 1 new.

boreal · rolls pods (1 image)
  ~ image images.boreal.example.org/radio/imaging: 2026.2 → 2026.3 — {HUB}

3 sites: austral, equinox, local · no changes

meridian · removed ({resources("meridian")} resources)
  its file is gone: nothing takes it down by that, and from here nothing can any more
  - left as they are: {kinds("meridian")}

zenith · new ({resources("meridian")} resources)
  + created: {kinds("meridian", deleted=False)}
""",
    )


def test_a_change_that_loses_data_is_blocked(checkout: Path):
    file = checkout / "stacks/Pulumi.boreal.yaml"
    edit(file, "homes: {storageClass: csi-manila-cephfs}", "homes: {storageClass: csi-cinder-ssd}")
    code, out = diff(checkout, "boreal")
    loss = (
        "BLOCKED data-loss: PersistentVolumeClaim/homes: replaced (spec/storageClassName: csi-manila-cephfs → "
        "csi-cinder-ssd); protected, so `up` stops here; without protection the volume would go. "
    )
    assert (code, loss in out) == (2, True)


def resources(name: str) -> int:
    """Return how many resources a site has, its components not counted."""
    return sum(each.custom for each in planned_file(SITES[name]).resources)


def kinds(name: str, *, deleted: bool = True) -> str:
    """Return how many resources of each kind a site has, in the order in which they go or come."""
    resources = [each for each in planned_file(SITES[name]).resources if each.custom]
    found = [kind_of(each) for each in (reversed(resources) if deleted else resources)]
    return ", ".join(f"{found.count(kind)} {kind}" for kind in dict.fromkeys(found))


def test_one_default_that_many_sites_share_is_one_group_of_them(checkout: Path):
    edit(
        checkout / "components/hub/spec.py",
        'start_timeout: Duration = "5m"',
        'start_timeout: Duration = "6m"',
    )
    names = [name for name, _ in generated_sites()]
    code, out = diff(checkout, *(f"generated/Pulumi.{name}.yaml" for name in names))
    assert (code, out) == (
        1,
        f"""\
24 sites: 24 rolls pods.

24 sites: {", ".join(sorted(names))} · rolls pods (1 config)
  ~ config hub-config: site.json /startTimeout: 300 → 360 — {HUB}
""",
    )
