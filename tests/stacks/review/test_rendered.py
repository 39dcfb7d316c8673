"""A comment as it is rendered: the table, what opens on a click, and nothing of what a stranger's texts ask for."""

import re

import pytest
from markdown_it import MarkdownIt

from stacks.review.comment import Comment, Fold, Note, Row, to_markdown

HOSTILE = [
    "<img src=https://example.org/x>",
    "![x](https://example.org/x)",
    "[x](https://example.org) https://example.org www.example.org a@example.org",
    "<https://example.org>",
    "</code></details><script>x</script>",
    "`</code><b>` x ``` \n# title\n- item\n> quote",
    "a | b | c",
    "`one` and ` two",
    "&lt;img&gt; &amp;",
    "```\n~~~\n</pre>\n`````",
    "*a* _b_ ~c~ **d**",
]


def rendered(comment: Comment) -> str:
    renderer = MarkdownIt("gfm-like", {"html": True})
    assert renderer.linkify is not None
    # GitHub makes links of what begins with a scheme or www, and of no mail address with such a space in it.
    renderer.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return renderer.render(to_markdown(comment))


def of(text: str) -> Comment:
    row = Row(text, "none", text, text)
    return Comment("b" * 40, text, (row,), (Note(blocks=True, text=text, sites=text),), (Fold(text, text),))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_strangers_text_makes_no_element(text: str):
    html = rendered(of(text))
    found = set(re.findall(r"<(\w+)", html.replace("<!-- ", "")))
    ours = {"h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "details"}
    assert found <= ours | {"summary", "pre"}
    counts = [html.count(f"<{tag}") for tag in ("details", "pre", "tr", "td", "li", "h3")]
    assert counts == [1, 1, 2, 3, 1, 1]


def test_the_text_of_a_fold_is_what_it_was():
    html = rendered(of("a <b> & `c`"))
    assert '<pre><code class="language-diff">a &lt;b&gt; &amp; `c`\n</code></pre>' in html


def test_what_is_in_backticks_is_code():
    html = rendered(of("accept: `homes: {reason: …}` or `not`"))
    assert "accept: <code>homes: {reason: …}</code> or <code>not</code>" in html
