"""A person's first minutes in a real browser: landing page, sign-in, profile, JupyterLab, a cell, sign-out.

The pictures are in ``build/screenshots``.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from infra.paths import ROOT
from stacks.journey.signin import PasswordSignIn
from tests.support.site import DeployedSite

pytestmark = pytest.mark.cluster

PICTURES = ROOT / "build/screenshots"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",  # the tests are run by root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CODE = "import astropy.units as u; print('one parsec is', (1 * u.pc).to(u.lyr).round(4))"
OUTPUT = "one parsec is 3.2616 lyr"


def trust(home: Path, certificate: str) -> None:
    """Make the browsers of a home directory trust an authority, as a person does in their settings."""
    database = home / ".pki/nssdb"
    database.mkdir(parents=True)
    file = home / "authority.crt"
    file.write_text(certificate)
    for action in (["-N", "--empty-password"], ["-A", "-n", "site", "-t", "C,,", "-i", str(file)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *action], check=True)


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def page(local: DeployedSite, tmp_path: Path) -> Iterator[Page]:
    trust(tmp_path, local.record["caCertificate"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=FLAGS,
            env={**os.environ, "HOME": str(tmp_path)},
            viewport={"width": 1280, "height": 800},
        )
        browser.set_default_timeout(60_000)
        yield browser.pages[0]
        picture(browser.pages[0], "last")  # where it went wrong, if it did
        browser.close()


def password_of(site: DeployedSite, user: str) -> str:
    sign_in = site.people[user].sign_in
    assert isinstance(sign_in, PasswordSignIn)
    return sign_in.password


@pytest.fixture
def nothing_is_left(local: DeployedSite) -> Iterator[None]:
    yield
    with local.client(local.people["alice"]) as alice:
        if alice.servers():
            with alice.server() as server:
                for name in server.names():
                    if name.startswith("Untitled"):
                        server.request("DELETE", f"api/contents/{name}")
            alice.stop()


@pytest.mark.usefixtures("nothing_is_left")
def test_a_person_signs_in_and_a_cell_runs(local: DeployedSite, page: Page):
    page.goto(local.record["url"])
    expect(page.get_by_role("heading", name="Local science platform")).to_be_visible()
    picture(page, "1-landing")

    page.get_by_role("link", name=re.compile("Notebooks")).click()
    expect(page.locator("#username_input")).to_be_visible()
    picture(page, "2-sign-in")
    page.locator("#username_input").fill("alice")
    page.locator("#password_input").fill(password_of(local, "alice"))
    page.get_by_role("button", name="Sign in").click()

    if "spawn" not in page.url:
        page.get_by_role("link", name="Start My Server").click()
    expect(page.get_by_text("Small", exact=True)).to_be_visible()
    picture(page, "3-profiles")
    page.get_by_role("button", name="Start").click()
    page.wait_for_load_state()
    picture(page, "4-starting")

    page.wait_for_url("**/user/alice/lab**", timeout=120_000)
    page.goto(f"{local.record['url']}/user/alice/lab?reset")  # whatever was open the last time
    page.locator(".jp-LauncherCard[data-category='Notebook']").first.click()
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    page.keyboard.type(CODE)
    expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=30_000)
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".jp-OutputArea-output").first).to_contain_text(OUTPUT, timeout=30_000)
    picture(page, "5-notebook")

    page.goto(f"{local.record['url']}/hub/logout")
    page.goto(f"{local.record['url']}/hub/home")
    expect(page.locator("#username_input")).to_be_visible()
    picture(page, "6-signed-out")
