"""The real JupyterHub of a disposable site."""

import pytest
import requests

from tests.components.hub.files.example import DOCUMENT
from tests.components.hub.files.running_hub import ADMINS, SECRETS, Browser, running_hub, settle


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Return a running hub, whose culler is quick."""
    document = {**DOCUMENT, "culling": {"idle": 4, "maximumAge": None, "every": 1}}
    with running_hub(tmp_path_factory.mktemp("hub"), document) as running:
        yield running


def test_the_login_page_names_the_site_and_says_where_passwords_come_from(hub):
    page = requests.get(f"{hub.url}/hub/login", timeout=10).text
    assert "<title>Local 100% science</title>" in " ".join(page.split()).replace("> ", ">").replace(" <", "<")
    assert f'<a href="{hub.url}/">Local 100% science</a>' in page
    assert "This is a disposable site." in page


def test_pages_cannot_be_framed_and_cookies_are_for_this_site(hub):
    answer = requests.get(f"{hub.url}/hub/login", timeout=10)
    assert answer.headers["Content-Security-Policy"].startswith("frame-ancestors 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


def test_a_wrong_password_is_refused_on_the_login_page(hub):
    answer = Browser(hub.url, "alice", "wrong").answer
    assert (answer.status_code, "Invalid username or password" in answer.text) == (403, True)


def test_the_form_has_the_profiles_of_the_users_groups(hub):
    pages = {name: Browser(hub.url, name).get(f"/hub/spawn/{name}").text for name in ("alice", "bob")}
    shown = {name: [slug for slug in ("small", "gpu") if f'value="{slug}"' in pages[name]] for name in pages}
    assert shown == {"alice": ["small", "gpu"], "bob": ["small"]}


def test_a_forged_form_is_refused_in_words_and_makes_no_pod(hub):
    answer = Browser(hub.url, "bob").post("/hub/spawn/bob", profile="gpu")
    assert answer.status_code == 403
    assert "The profile &#39;gpu&#39; is for members of galaxies, and you are not one." in answer.text
    assert "HTTP 403" not in answer.text
    assert "jupyter-bob" not in hub.cluster.pods


def test_a_forged_call_of_the_api_is_refused_in_words_and_makes_no_pod(hub):
    answer = Browser(hub.url, "bob").api("POST", "/users/bob/server", {"profile": "gpu"})
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "The profile 'gpu' is for members of galaxies, and you are not one. Choose one of small.",
    )
    assert "jupyter-bob" not in hub.cluster.pods


def test_a_server_beyond_the_limits_is_refused_before_it_is_made(hub):
    alice = Browser(hub.url, "alice")
    assert alice.post("/hub/spawn/alice", profile="gpu").status_code == 302
    assert alice.post("/hub/spawn/alice/one", profile="small").status_code == 302
    refused = alice.post("/hub/spawn/alice/two", profile="small")
    assert refused.status_code == 409
    assert "You use 5 GiB of the 5 GiB that you may have at a time" in refused.text
    settle(lambda: {"jupyter-alice", "jupyter-alice--one"} <= hub.cluster.pods.keys())
    assert "jupyter-alice--two" not in hub.cluster.pods


def test_a_full_site_is_explained_and_no_token_is_logged(hub):
    hub.cluster.full = True
    answer = Browser(hub.url, "bob").post("/hub/spawn/bob", profile="small")
    hub.cluster.full = False
    assert answer.status_code == 503
    assert "The whole site has no room for this server now." in answer.text
    log = hub.log.read_text()
    assert "&#39;JUPYTERHUB_API_TOKEN&#39;" not in answer.text
    assert "'name': 'JUPYTERHUB_API_TOKEN'" in log
    assert "'value': '[secret]'" in log


def test_administrators_see_users_but_cannot_act_as_them(hub):
    carol = Browser(hub.url, "carol", ADMINS)
    assert "alice" in {user["name"] for user in carol.api("GET", "/users").json()}
    statuses = {
        "admin page": carol.get("/hub/admin").status_code,
        "own token": carol.api("POST", "/users/carol/tokens", {"expires_in": 60}).status_code,
        "token of another": carol.api("POST", "/users/alice/tokens", {"expires_in": 60}).status_code,
        "make an admin": carol.api("PATCH", "/users/bob", {"admin": True}).status_code,
        "start another's server": carol.api("POST", "/users/bob/server").status_code,
    }
    assert statuses == {
        "admin page": 200,
        "own token": 201,
        "token of another": 403,
        "make an admin": 403,
        "start another's server": 404,
    }


def test_users_do_not_see_each_other(hub):
    assert Browser(hub.url, "bob").api("GET", "/users/alice").status_code == 404


def test_tokens_cannot_live_for_ever(hub):
    bob = Browser(hub.url, "bob")
    answer = bob.api("POST", "/users/bob/tokens", {"expires_in": 365 * 86400})
    assert answer.status_code == 400


def test_metrics_are_for_the_metrics_service(hub):
    def status(**headers: str) -> int:
        return requests.get(f"{hub.url}/hub/metrics", headers=headers, timeout=10).status_code

    token = SECRETS["SERVICE_TOKEN_METRICS"]
    assert (status(), status(Authorization=f"token {token}")) == (403, 200)


def test_errors_say_where_to_go(hub):
    page = Browser(hub.url, "bob").get("/hub/nowhere").text
    assert '<a href="/hub/home">Your servers</a>' in page


def test_the_culler_is_let_in(hub):
    def lines():
        return [line for line in hub.log.read_text().splitlines() if "(idle-culler@" in line]

    settle(lambda: any(" GET /hub/api/users?" in line for line in lines()))
    assert [line for line in lines() if " 200 GET " not in line] == []


def test_the_log_has_no_secrets(hub):
    log = hub.log.read_text()
    assert [name for name, value in SECRETS.items() if value in log] == []
