"""A comparison for a terminal, as a comment and for programs."""

import json
from dataclasses import replace

import pytest

from stacks.diff import ABSENT, Changes, Field, compare
from stacks.diff.groups import Group, Result, Standing, grouped
from stacks.diff.json_form import to_json
from stacks.diff.markdown import to_markdown
from stacks.diff.terminal import to_terminal
from stacks.diff.verdict import Verdict
from stacks.plan import Plan, PlannedResource
from stacks.review.comment import LIMIT
from tests.support.diff import MUTABLE, claim, kubernetes, of, workload

BASE = "0123456789abcdef0123456789abcdef01234567"


def both(site: str, changes: Changes, *verdicts: Verdict) -> Result:
    return Result(site, Standing.BOTH, changes, verdicts=verdicts)


def config(hash_: str, **data: str) -> PlannedResource:
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c-{hash_}"}, "data": data}
    return kubernetes(manifest, "c")


LOSES = compare(of(claim(protect=True)), of(claim(storage_class="slow", protect=True)))
ROLLS = compare(of(workload(image="example.org/hub:1")), of(workload(image="example.org/hub:2")))
FILE = compare(of(config("aaaaaaaaaa", f="one\ntwo\nthree\n")), of(config("bbbbbbbbbb", f="one\n2\nthree\n")))
GROUPS = grouped(
    [
        both("gone", LOSES, Verdict("data-loss", "PersistentVolumeClaim homes", "say why")),
        both("north", ROLLS),
        both("south", ROLLS),
        both("west", FILE),
        both("same", Changes("same")),
        Result(
            "broken", Standing.UNKNOWN, Changes("broken"), problem="the base cannot be planned: SiteError"
        ),
        Result("new", Standing.NEW, compare(of(), of(claim(), workload()))),
        Result("old", Standing.REMOVED, compare(of(claim(), workload()), of())),
    ]
)


def test_a_terminal_is_told_the_summary_then_each_group():
    assert (
        to_terminal(GROUPS, BASE, colour=False)
        == """\
Compared with 0123456789ab: 8 sites: 1 BLOCKED, loses data; 1 cannot be compared; 2 rolls pods; 1 new; 1 removed; \
1 no changes; 1 no impact.

gone · BLOCKED, loses data (1 replaced)
  BLOCKED data-loss: PersistentVolumeClaim homes: say why
  ± replaced PersistentVolumeClaim homes — loses data: protected, so `up` stops here; without protection the volume \
would go
      /spec/storageClassName: fast → slow  [cannot change in place]

broken · cannot be compared
  the base cannot be planned: SiteError

2 sites: north, south · rolls pods (1 image)
  ~ image example.org/hub: 1 → 2 — rolls pods: the hub restarts: sign-in and starting servers pause, running servers \
go on

new · new (2 resources)
  + created: 1 PersistentVolumeClaim, 1 Deployment

old · removed (2 resources)
  its file is gone: nothing takes it down by that, and from here nothing can any more
  - left as they are: 1 Deployment, 1 PersistentVolumeClaim

same · no changes

west · no impact (1 config)
  ~ config c: 1 change in f
      /f
        @@ -1,3 +1,3 @@
         one
        -two
        +2
         three
"""
    )


def test_nothing_changes_in_one_line():
    assert (
        to_terminal(grouped([both(site, Changes(site)) for site in "ab"]), BASE, colour=False)
        == "Compared with 0123456789ab: No changes: 2 sites.\n\n2 sites: a, b · no changes\n"
    )


def test_colour_is_the_impacts_and_only_where_asked_for():
    coloured = to_terminal(grouped([both("gone", LOSES)]), BASE, colour=True)
    assert "\x1b[31;1mgone · loses data\x1b[0m (1 replaced)" in coloured
    assert "\x1b" not in to_terminal(GROUPS, BASE, colour=False)


def swept(count: int) -> str:
    def site(context: str) -> Plan:
        found = of(*(claim(f"c{number}") for number in range(count)), workload())
        cluster = replace(MUTABLE, inputs={"context": context})
        return replace(found, resources=(cluster, *found.resources[1:]))

    result = both("x", compare(site("a"), site("b")))
    return to_terminal((Group(("x",), result),), BASE, colour=False)


def test_what_goes_with_another_is_one_line_but_for_what_holds_data():
    assert (
        swept(1)
        == """\
Compared with 0123456789ab: 1 site: 1 loses data.

x · loses data (3 replaced)
  ± replaced kubernetes provider cluster — replaces: deleted and made anew
      /context: a → b  [cannot change in place]
  ± replaced PersistentVolumeClaim c0 — loses data: the volume is lost with it
  ± replaced with cluster — replaces: Deployment hub
"""
    )


def test_a_value_commands_no_terminal():
    result = both(
        "x", Changes("x", outputs=(Field("/a", "\x1b[2J", "b\x07"), Field("/t", "a\n", "b\n\x1b[0m")))
    )
    text = to_terminal((Group(("x",), result),), BASE, colour=False)
    assert "= output /a: \\x1b[2J → b\\x07" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (Field("/a", ABSENT, {"b": 1}), '/a: + {"b": 1}'),
        (Field("/a", "x", ABSENT), "/a: - x"),
        (Field("/a", "x" * 200, "y"), f"/a: {'x' * 89}… → y"),
        (Field("/a", True, None), "/a: true → null"),
    ],
)
def test_values_in_one_line(field: Field, line: str):
    result = both("x", Changes("x", outputs=(field,)))
    assert f"  = output {line}\n" in to_terminal((Group(("x",), result),), BASE, colour=False)


def test_a_long_text_is_cut_and_says_so():
    before, after = ("".join(f"{letter}{line}\n" for line in range(100)) for letter in "ab")
    result = both("x", Changes("x", outputs=(Field("/t", before, after),)))
    assert "… 141 lines more" in to_terminal((Group(("x",), result),), BASE, colour=False)


def test_a_comment_has_its_summary_in_a_table_and_the_details_folded():
    groups = grouped(
        [both("gone", LOSES, Verdict("data-loss", "homes", "say why")), both("same", Changes("same"))]
    )
    assert (
        to_markdown(groups, BASE)
        == """\
<!-- science-platform diff -->
### What this would do to each site

Compared with `0123456789ab`: 2 sites: 1 BLOCKED, loses data; 1 no changes.

| sites | outcome | changes |
|---|---|---|
| gone | ⛔ BLOCKED, loses data | 1 replaced |
| same | ⚪ no changes |  |

- **Blocked** data-loss: homes: say why (gone)

<details><summary>gone · BLOCKED, loses data</summary>

```diff
BLOCKED data-loss: homes: say why
± replaced PersistentVolumeClaim homes — loses data: protected, so `up` stops here; without protection the
  volume would go
    /spec/storageClassName: fast → slow  [cannot change in place]
```

</details>
"""
    )


def many(sites: int, outputs: int, length: int = 200) -> tuple[Group, ...]:
    values = [Field(f"/o{place}", ABSENT, {"k": "x" * length}) for place in range(outputs)]
    return grouped(
        [
            both(f"site{number}", Changes("x", outputs=(Field("/n", 0, number), *values)))
            for number in range(sites)
        ]
    )


@pytest.mark.parametrize(("sites", "outputs"), [(3, 1000), (24, 400), (300, 10), (800, 1)])
def test_a_comment_never_exceeds_what_github_takes(sites: int, outputs: int):
    groups = many(sites, outputs)
    text = to_markdown(groups, BASE)
    assert len(text) <= LIMIT
    assert f"{sites} sites: {sites} no impact." in text


def test_details_are_cut_where_they_are_longest_and_the_summary_never():
    small = both("small", LOSES)
    big = both("big", Changes("big", outputs=tuple(Field(f"/o{n}", 1, "x" * 80) for n in range(1000))))
    text = to_markdown(grouped([small, big]), BASE)
    assert "| big | 🟢 no impact | 1000 outputs |" in text
    assert "<sub>big · no impact: The details are left out: they are too long for a comment." in text
    assert "/spec/storageClassName: fast → slow" in text


def test_before_lines_are_left_out_their_values_are():
    fields = {f"k{n}": "x" * 80 for n in range(30)}
    before, after = (
        of(config("aaaaaaaaaa", **{key: value + end for key, value in fields.items()})) for end in ("", "y")
    )
    changes = compare(before, after)
    whole = to_markdown(grouped([both("x", changes)]), BASE)
    short = to_markdown(grouped([both("x", changes)]), BASE, limit=len(whole) - 1)
    assert "/data/k0: " in whole
    assert "/data/k0: " not in short
    assert "~ updated ConfigMap c-aaaaaaaaaa" in short


def test_what_sites_say_is_no_markup():
    verdict = Verdict("gate", "a|b", "<img src=x> @everyone `code` [link](https://x) ```\n# title")
    fence = Changes("x", outputs=(Field("/a", "```\n", "````\n</details>"),))
    text = to_markdown(grouped([both("x", fence, verdict)]), BASE)
    assert (
        "- **Blocked** gate: a\\|b: &lt;img src=x&gt; @\u200beveryone <code>code</code> \\[link\\]"
        "\\(https:\u200b//x\\) <code></code>\\` \\# title (x)" in text
    )
    assert "\n`````diff\n" in text


def test_programs_get_all_of_it():
    groups = grouped([both("gone", LOSES, Verdict("data-loss", "homes", "say why"))])
    urn = "urn:pulumi:demo::science-platform::kubernetes:core/v1:PersistentVolumeClaim::homes"
    assert json.loads(to_json(groups, BASE)) == {
        "format": 1,
        "base": BASE,
        "groups": [
            {
                "sites": ["gone"],
                "blocked": True,
                "impact": "loses_data",
                "standing": "changed",
                "problem": None,
                "verdicts": [{"gate": "data-loss", "subject": "homes", "reason": "say why", "blocks": True}],
                "changes": {
                    "changes": [
                        {
                            "action": "replaced",
                            "urn": urn,
                            "type": "kubernetes:core/v1:PersistentVolumeClaim",
                            "name": "homes",
                            "kind": "PersistentVolumeClaim",
                            "object": "homes",
                            "fields": [
                                {
                                    "path": "/spec/storageClassName",
                                    "before": "fast",
                                    "after": "slow",
                                    "forces": True,
                                    "causes": [],
                                }
                            ],
                            "impact": "loses_data",
                            "notes": [
                                "protected, so `up` stops here; without protection the volume would go"
                            ],
                            "data": "refused",
                            "replaced_with": [],
                            "before_urn": None,
                        }
                    ],
                    "causes": [],
                    "outputs": [],
                },
            }
        ],
    }


def test_in_json_a_side_that_is_not_there_is_left_out():
    groups = grouped([both("x", Changes("x", outputs=(Field("/a", ABSENT, None),)))])
    assert json.loads(to_json(groups, BASE))["groups"][0]["changes"]["outputs"] == [
        {"path": "/a", "after": None, "forces": False, "causes": []}
    ]
