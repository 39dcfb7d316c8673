"""The Markdown of a comment, whose texts may be a stranger's."""

import pytest

from stacks.review.comment import SIGNS, Comment, Fold, Note, Row, folded, inline, to_markdown

BASE = "0123456789abcdef0123456789abcdef01234567"


def test_the_whole_of_a_comment():
    comment = Comment(
        base=BASE,
        headline="2 sites: 1 BLOCKED, loses data; 1 rolls pods.",
        rows=(
            Row("north", "blocked", "BLOCKED, loses data", "1 replaced"),
            Row("south", "rolls pods", "rolls pods", "1 image"),
        ),
        notes=(
            Note(True, "data-loss: homes: say why", "north"),
            Note(False, "dead: hub.x: changes nothing", "south"),
        ),
        folds=(
            Fold("north · BLOCKED, loses data", "± replaced\n    /spec: a → b"),
            Fold("south · rolls pods", None),
        ),
    )
    assert (
        to_markdown(comment, caution="**Mind** this.")
        == """\
<!-- science-platform diff -->
### What this would do to each site

> **Mind** this.

Compared with `0123456789ab`: 2 sites: 1 BLOCKED, loses data; 1 rolls pods.

| sites | outcome | changes |
|---|---|---|
| north | ⛔ BLOCKED, loses data | 1 replaced |
| south | 🔵 rolls pods | 1 image |

- **Blocked** data-loss: homes: say why (north)
- **Note** dead: hub.x: changes nothing (south)

<details><summary>north · BLOCKED, loses data</summary>

```diff
± replaced
    /spec: a → b
```

</details>

<sub>south · rolls pods: The details are left out: they are too long for a comment. `python -m stacks diff` shows \
them.</sub>
"""
    )


def test_every_outcome_has_a_sign_of_its_own():
    assert len(set(SIGNS.values())) == len(SIGNS) == 7


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("[a](b)", "\\[a\\]\\(b\\)"),
        ("a | b\nc", "a \\| b c"),
        ("@everyone", "@\u200beveryone"),
        ("a@example.org", "a@\u200bexample.org"),
        ("`a_b` and `c", "<code>a\\_b</code> and \\`c"),
        ("closes #12, !3 and %4", "closes \\#\u200b12, \\!\u200b3 and %\u200b4"),
        ("https://example.org", "https:\u200b//example.org"),
        ("WWW.example.org", "WWW\u200b.example.org"),
        ("right-to-left \u202e", "right-to-left \\\\u202e"),
        ("x" * 700, "x" * 599 + "…"),
    ],
)
def test_a_text_is_shown_and_does_nothing(text: str, shown: str):
    assert inline(text) == shown


def test_a_title_holds_no_markup():
    assert folded(Fold("</summary>@all", None)).startswith("<sub>&lt;/summary&gt;@\u200ball: ")


def test_nothing_ends_a_fence_from_inside():
    assert "\n`````diff\n```\n````\n`````\n" in folded(Fold("x", "```\n````"))


def test_no_line_is_a_command_to_gitlab():
    assert "\n /close\n    /spec: a → b\n" in folded(Fold("x", "/close\n    /spec: a → b"))


def test_what_turns_a_line_around_is_spelt_out():
    assert "\na\\u202eb\\r\n" in folded(Fold("x", "a\u202eb\r"))
