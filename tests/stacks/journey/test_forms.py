"""Forms of a page, filled in and sent."""

import httpx

from stacks.journey.forms import Form, complaint, forms, text_of

SPAWN_PAGE = """
<nav><form action="/search"><input name="q"></form></nav>
<form enctype="multipart/form-data" id="spawn_form" action="/hub/spawn/alice?_xsrf=abc" method="POST">
  <input type="radio" name="profile" value="small" checked> <input type="radio" name="profile" value="large">
  <select name="threads"><option value="1" selected>one</option><option value="2">two</option></select>
  <input type="hidden" name="_xsrf" value="abc"><input type="text" name="off" disabled value="x">
  <input type="submit" name="go" value="Start">
</form>
"""


def test_a_page_s_forms_are_read_with_what_a_browser_would_send():
    assert forms(SPAWN_PAGE) == [
        Form(action="/search", method="get", multipart=False, values={"q": ""}, choices={}),
        Form(
            action="/hub/spawn/alice?_xsrf=abc",
            method="post",
            multipart=True,
            values={"profile": "small", "threads": "1", "_xsrf": "abc"},
            choices={"profile": ["small", "large"], "threads": ["1", "2"]},
        ),
    ]


def test_a_multipart_form_is_sent_with_the_answers_and_the_next_page_is_fetched_plainly():
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(
            (request.method, str(request.url), request.headers.get("content-type", ""), request.read())
        )
        if request.method == "POST":
            return httpx.Response(302, headers={"location": "/hub/spawn-pending/alice"})
        return httpx.Response(200, text="pending")

    with httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        page = httpx.Response(200, request=httpx.Request("GET", "https://site.test/hub/spawn/alice"))
        came = forms(SPAWN_PAGE)[1].send(client, page, {"profile": "large"})

    (method, url, content_type, body), following = seen
    assert (method, url) == ("POST", "https://site.test/hub/spawn/alice?_xsrf=abc")
    assert content_type.startswith("multipart/form-data; boundary=")
    assert b'name="profile"\r\n\r\nlarge\r\n' in body
    # tornado refuses a GET that says it is multipart.
    assert following == ("GET", "https://site.test/hub/spawn-pending/alice", "", b"")
    assert came.text == "pending"


def test_a_form_without_an_action_goes_to_its_own_page():
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=f"{request.url} {request.read().decode()}")

    with httpx.Client(transport=httpx.MockTransport(echo)) as client:
        page = httpx.Response(200, request=httpx.Request("GET", "http://idp.test/interaction/1"))
        came = Form(method="post", values={"prompt": "login"}).send(client, page, {"login": "alice"})

    assert came.text == "http://idp.test/interaction/1 prompt=login&login=alice"


def test_text_is_what_a_person_reads():
    page = "<head><title>t</title></head><p>You &amp; <b>me</b></p><script>let x = '<p>no</p>'</script>"
    assert text_of(page) == "You & me"


def test_a_complaint_is_the_message_alone():
    spawn = '<h1>Server Options</h1><p class="spawn-error-msg alert alert-danger">Error: too <b>large</b></p>'
    login = '<h1>Sign in</h1><p class="login_error">Invalid username or password</p><label>Username</label>'
    error = '<div class="error"><h1>403 : Forbidden</h1><p>You are not allowed.</p></div>'
    bare = '<div class="error"><h1>404 : Not Found</h1></div>'
    assert [complaint(page) for page in (spawn, login, error, bare, "<p>Sorry</p>")] == [
        "Error: too large",
        "Invalid username or password",
        "You are not allowed.",
        "404 : Not Found",
        "Sorry",
    ]
