"""The pages that the edge shows itself."""

import base64
import hashlib
import re
from functools import partial
from html.parser import HTMLParser

import pytest

from components.edge.doors import Door
from components.edge.landing import LANDING, MISSING, UNAVAILABLE, content_security_policy, pages

EVIL = "<script>alert(1)</script>\"'&"
door = partial(Door, service="svc", port=80, pods="svc")
DOORS = [
    door(name="hub", title="Notebooks", description="Lab", paths=("/hub", "/user"), link="/hub/"),
    door(name="tap", title="Catalogues", description="ADQL", host="tap.a.example"),
    door(name="api", title="API", description="", paths=("/api",), listed=False),
]


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text in between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def landing(title: str = "Site", doors: list[Door] = DOORS) -> Elements:
    return Elements(pages(title, "https://a.example:30443", doors)[LANDING])


def test_it_shows_the_listed_doors_and_where_they_are():
    links = [attributes["href"] for tag, attributes in landing().tags if tag == "a"]
    assert links == ["/hub/", "https://tap.a.example:30443/"]
    text = landing().text
    assert "Notebooks" in text
    assert "Catalogues" in text
    assert "API" not in text


def test_text_is_escaped():
    evil = [door(name="x", title=EVIL, description=EVIL, paths=("/x",), link=f'/x"{EVIL}')]
    page = landing(EVIL, evil)
    assert page.text.count(EVIL) == 4  # title, heading, and the door's title and description
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == [f'/x"{EVIL}']


@pytest.mark.parametrize("name", [LANDING, UNAVAILABLE, MISSING])
def test_pages_keep_to_their_security_policy(name: str):
    html = pages(EVIL, "https://a.example", DOORS)[name]
    page = Elements(html)
    assert not {"script", "iframe", "object", "form", "base", "img"} & {tag for tag, _ in page.tags}
    assert not [attributes for _, attributes in page.tags if "style" in attributes or "onclick" in attributes]
    icons = [attributes["href"] for tag, attributes in page.tags if tag == "link"]
    assert [str(icon).split(",")[0] for icon in icons] == ["data:image/svg+xml"]
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert content_security_policy() == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style


def test_only_the_page_of_an_unavailable_service_loads_itself_again():
    refreshing = {
        name: [
            attributes["content"]
            for tag, attributes in Elements(html).tags
            if tag == "meta" and attributes.get("http-equiv") == "refresh"
        ]
        for name, html in pages("Site", "https://a.example", DOORS).items()
    }
    assert refreshing == {LANDING: [], UNAVAILABLE: ["5"], MISSING: []}


@pytest.mark.parametrize("name", [LANDING, UNAVAILABLE, MISSING])
def test_pages_are_accessible(name: str):
    page = Elements(pages("Site", "https://a.example", DOORS)[name])
    tags = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    hidden = [attributes for attributes in drawings if attributes.get("aria-hidden") == "true"]
    # The sky's drawing is hidden by the element around it.
    assert len(drawings) - len(hidden) == 1
    assert ("div", {"class": "sky", "aria-hidden": "true"}) in page.tags
