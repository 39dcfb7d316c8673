"""Versions read from what the images are made of."""

from pathlib import Path

from images.versions import versions


def test_versions_are_those_that_the_images_ask_for(tmp_path: Path):
    for folder in ("hub", "lab", "proxy", "gomod/caddy", "postgres", "tap"):
        (tmp_path / "images" / folder).mkdir(parents=True)
    images = tmp_path / "images"
    (images / "hub/requirements.in").write_text(
        "jupyterhub==6.1.1\npsycopg2-binary==2.9.13  # the database\n"
    )
    (images / "lab/requirements.in").write_text("# what astronomers work with\ndask[distributed]==2026.8.0\n")
    (images / "proxy/package.json").write_text('{"dependencies": {"configurable-http-proxy": "5.3.0"}}')
    (images / "gomod/caddy/go.mod").write_text("require (\n\tgithub.com/caddyserver/caddy/v2 v2.11.9\n)\n")
    for folder, package in (("postgres", "postgresql-17"), ("tap", "python3-gavo")):
        (images / folder / "packages.in").write_text(f"# what it is for\n{package}\n")
        (images / folder / "packages.lock").write_text(f"libc6 2.41\n{package} 2.11+dfsg-2\n")
    assert versions(tmp_path) == {
        "hub": {"jupyterhub": "6.1.1", "psycopg2-binary": "2.9.13"},
        "lab": {"dask": "2026.8.0"},
        "proxy": {"configurable-http-proxy": "5.3.0"},
        "edge": {"caddy": "v2.11.9"},
        "postgres": {"postgresql-17": "2.11+dfsg-2"},
        "tap": {"python3-gavo": "2.11+dfsg-2"},
    }


def test_the_hub_and_its_servers_have_one_jupyterhub():
    found = versions()
    assert found["hub"]["jupyterhub"] == found["lab"]["jupyterhub"]
