"""Caddy's configuration, in its native JSON (https://caddyserver.com/docs/json/), from a site's doors.

Everything is said explicitly: Caddy's automatic HTTPS is off, and what it would do stands here.
"""

from collections.abc import Sequence
from typing import Any

from components.edge.certificates import connection_policy, reader_server, tls_apps
from components.edge.doors import Door, by_path, check, hosts
from components.edge.landing import LANDING, MISSING, RETRY_SECONDS, UNAVAILABLE, content_security_policy
from components.edge.places import POD, Places
from components.edge.spec import EdgeSpec
from components.policies import PRIVATE_NETWORKS
from infra.cluster import Exposure

Json = dict[str, Any]

LEAVE_SECONDS = 10
"""How long a pod that is to stop serves on as if nothing was, while the cluster stops sending people to it."""

DRAIN_SECONDS = 300
"""How long it then waits for requests that are under way: large uploads."""

TRUSTED = (*PRIVATE_NETWORKS, "127.0.0.0/8", "::1/128", "fc00::/7")
"""Where an ingress controller may connect from; only then is what it says of the client believed."""

# Backends believe some of these; only the edge knows the truth. X-Forwarded-For, -Host and -Proto are always set.
_FORGED = (
    "Forwarded",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Original-Url",
    "X-Real-Ip",
    "X-Rewrite-Url",
    "X-Scheme",
    "X-Script-Name",
)
_UNAVAILABLE = (502, 503, 504)


def site_url(spec: EdgeSpec, exposure: Exposure) -> str:
    """Return the URL that people type, without a path."""
    port = f":{spec.node_port}" if exposure == "nodePort" else ""
    return f"https://{spec.host}{port}"


def configuration(spec: EdgeSpec, exposure: Exposure, doors: Sequence[Door], places: Places = POD) -> Json:
    """Return Caddy's configuration.

    Parameters
    ----------
    spec
        The site's edge.
    exposure
        How it is published: behind an ingress controller Caddy speaks plain HTTP, else it ends TLS itself.
    doors
        What it leads to.
    places
        Ports and folders.

    Raises
    ------
    ValueError
        If two doors claim the same name, path or host, or TLS is to be ended without a certificate.
    """
    check(spec.host, doors)
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": _log()}},
        "storage": {"module": "file_system", "root": places.state},
        "apps": {
            "http": {
                "http_port": places.http,
                "https_port": places.https,
                "shutdown_delay": f"{LEAVE_SECONDS}s",
                "grace_period": f"{DRAIN_SECONDS}s",
                "metrics": {},
                "servers": _servers(spec, exposure, doors, places),
            },
            **_tls(spec, exposure, doors, places),
        },
    }


def _tls(spec: EdgeSpec, exposure: Exposure, doors: Sequence[Door], places: Places) -> Json:
    if exposure == "ingress":
        return {}
    if spec.certificate is None:
        raise ValueError("edge.certificate is needed where the edge ends TLS itself")
    return tls_apps(spec.certificate, hosts(spec.host, doors), places)


def _log() -> Json:
    """Return the log: JSON lines without headers and queries, where tokens, cookies and people's data are.

    Whole queries go, because tokens hide in nested ones (``/hub/login?next=%2Fuser%3Ftoken%3D…``), and all
    headers, because the list of those that carry secrets is never complete.
    """
    return {
        "writer": {"output": "stdout"},
        "encoder": {
            "format": "filter",
            "wrap": {"format": "json", "time_format": "rfc3339_nano"},
            "fields": {
                "request>headers": {"filter": "delete"},
                "request>tls": {"filter": "delete"},
                "resp_headers": {"filter": "delete"},
                "request>uri": {"filter": "regexp", "regexp": r"\?.*", "value": ""},
            },
        },
    }


def _servers(spec: EdgeSpec, exposure: Exposure, doors: Sequence[Door], places: Places) -> Json:
    servers: Json = {
        "health": _inner_server(places.health, {"/healthz": _READY, "/livez": _ALIVE}),
        "metrics": _inner_server(places.metrics, {"/metrics": [{"handle": [{"handler": "metrics"}]}]}),
    }
    names, site = hosts(spec.host, doors), _site_routes(spec, doors, places)
    if exposure == "ingress":
        plain = _redirect(names, header={"X-Forwarded-Proto": ["http"]})
        routes = [plain, *_only_from(spec.allow_from), *site]
        servers["site"] = {
            **_people_server(places.http, routes, places),
            "protocols": ["h1"],
            "trusted_proxies": {"source": "static", "ranges": list(TRUSTED)},
            "trusted_proxies_strict": 1,
        }
        return servers
    servers["site"] = {
        **_people_server(places.https, site, places),
        "protocols": ["h1", "h2"],
        "tls_connection_policies": [connection_policy(spec.host)],
        # Whoever types http:// with the TLS port is led right.
        "listener_wrappers": [{"wrapper": "http_redirect"}, {"wrapper": "tls"}],
    }
    if spec.certificate is not None and spec.certificate.kind == "secret":
        servers["certificate"] = reader_server(places)
    if exposure == "loadBalancer":
        servers["redirect"] = {
            **_people_server(places.http, [_redirect(names), _WRONG_HOST], places),
            "protocols": ["h1"],
        }
    return servers


def _people_server(port: int, routes: list[Json], places: Places) -> Json:
    """Return a server for people: no limit on how long a body takes, but on idle and slow connections."""
    return {
        "listen": [f":{port}"],
        "automatic_https": {"disable": True},
        "read_header_timeout": "30s",
        "idle_timeout": "5m",
        "logs": {},
        "routes": [{"handle": [_USER_AGENT, _NAMELESS]}, *routes],
        "errors": {"routes": [{"handle": [_NAMELESS]}, *_error_routes(places)]},
    }


def _inner_server(port: int, paths: dict[str, list[Json]]) -> Json:
    """Return a server for the cluster's own use, which is not logged."""
    return {
        "listen": [f":{port}"],
        "automatic_https": {"disable": True},
        "protocols": ["h1"],
        "routes": [
            *(
                {
                    "match": [{"path": [path]}],
                    "handle": [{"handler": "subroute", "routes": routes}],
                    "terminal": True,
                }
                for path, routes in paths.items()
            ),
            {"handle": [{"handler": "static_response", "status_code": 404}]},
        ],
    }


_ALIVE: list[Json] = [{"handle": [{"handler": "static_response", "status_code": 200, "body": "ok\n"}]}]
_READY: list[Json] = [
    {
        "match": [{"vars": {"{http.shutting_down}": ["true"]}}],
        "handle": [{"handler": "static_response", "status_code": 503, "body": "stopping\n"}],
        "terminal": True,
    },
    *_ALIVE,
]
_USER_AGENT: Json = {
    "handler": "log_append",
    "key": "user_agent",
    "value": "{http.request.header.User-Agent}",
}
_WRONG_HOST: Json = {
    "handle": [
        {
            "handler": "static_response",
            "status_code": 421,
            "headers": {"Content-Type": ["text/plain; charset=utf-8"]},
            "body": "This server does not answer for that host.\n",
        }
    ]
}


# Nothing tells what serves the answers.
_NAMELESS: Json = {"handler": "headers", "response": {"deferred": True, "delete": ["Server", "Via"]}}


def _keep_to_tls(spec: EdgeSpec) -> list[Json]:
    """Return the route that tells browsers to keep to TLS (RFC 6797), once they came by it.

    Not with an authority of the site's own: a disposable site made anew would lock people out.
    """
    if spec.certificate is not None and spec.certificate.kind == "ownAuthority":
        return []
    # Set at once, so that it stays on the way to an error page.
    header = {"set": {"Strict-Transport-Security": ["max-age=31536000"]}}
    return [{"handle": [{"handler": "headers", "response": header}]}]


def _redirect(names: list[str], **match: object) -> Json:
    """Return the route from http to https."""
    return {
        "match": [{"host": names, **match}],
        "handle": [
            {
                "handler": "static_response",
                "status_code": 308,
                "headers": {"Location": ["https://{http.request.host}{http.request.uri}"]},
            }
        ],
        "terminal": True,
    }


def _only_from(networks: Sequence[str]) -> list[Json]:
    """Return the route that refuses clients from elsewhere: behind an ingress only Caddy can tell."""
    if not networks:
        return []
    outside = {"not": [{"client_ip": {"ranges": list(networks)}}]}
    return [{"match": [outside], "handle": [{"handler": "error", "status_code": 403}], "terminal": True}]


def _site_routes(spec: EdgeSpec, doors: Sequence[Door], places: Places) -> list[Json]:
    own_hosts = [_host_route(door.host, [{"handle": _pass_on(door)}]) for door in doors if door.host]
    below_paths = [
        {"match": [{"path": [path, f"{path}/*"]}], "handle": _pass_on(door), "terminal": True}
        for path, door in by_path(doors)
    ]
    landing = {
        "match": [{"path": ["/"]}],
        "handle": [_page_headers("no-cache"), *_page(LANDING, places)],
        "terminal": True,
    }
    nothing = {"handle": [{"handler": "error", "status_code": 404}]}
    return [
        *_keep_to_tls(spec),
        *own_hosts,
        _host_route(spec.host, [*below_paths, landing, nothing]),
        _WRONG_HOST,
    ]


def _host_route(host: str, routes: list[Json]) -> Json:
    return {
        "match": [{"host": [host]}],
        "handle": [{"handler": "subroute", "routes": routes}],
        "terminal": True,
    }


def _page_headers(cache: str, **more: str) -> Json:
    headers = {
        "Cache-Control": cache,
        "Content-Security-Policy": content_security_policy(),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        **more,
    }
    return {"handler": "headers", "response": {"set": {name: [value] for name, value in headers.items()}}}


def _page(name: str, places: Places, status: str | None = None) -> list[Json]:
    """Return the handlers that answer with one of the edge's pages, whatever was asked for."""
    rewrite: Json = {"handler": "rewrite", "uri": f"/{name}"}
    files: Json = {"handler": "file_server", "root": places.pages}
    if status is not None:
        # A file answers only GET; what failed may have been anything.
        rewrite["method"] = "GET"
        files["status_code"] = status
    return [rewrite, files]


def _error_routes(places: Places) -> list[Json]:
    """Return what people (a page) and programs (a line) get instead of an empty answer."""
    html = {"header": {"Accept": ["*text/html*"]}}
    status = "{http.error.status_code}"
    unavailable = {"vars": {status: [str(code) for code in _UNAVAILABLE]}}
    missing = {"vars": {status: ["404"]}}
    later = _page_headers("no-store", **{"Retry-After": str(RETRY_SECONDS)})
    line = {"handler": "static_response", "status_code": status}
    return [
        {
            "match": [{**unavailable, **html}],
            "handle": [later, *_page(UNAVAILABLE, places, status)],
            "terminal": True,
        },
        {
            "match": [unavailable],
            "handle": [
                later,
                {**line, "body": f"Not available now; try again in {RETRY_SECONDS} seconds.\n"},
            ],
            "terminal": True,
        },
        {
            "match": [{**missing, **html}],
            "handle": [_page_headers("no-store"), *_page(MISSING, places, status)],
            "terminal": True,
        },
        {"handle": [{**line, "body": f"{status} {{http.error.status_text}}\n"}]},
    ]


def _pass_on(door: Door) -> list[Json]:
    return [*([_COMPRESS] if door.compress else []), _proxy(door)]


# Only what is the same for everyone: compressing what holds a secret beside what a stranger chose tells the
# secret by its size (BREACH).
_COMPRESS: Json = {
    "handler": "encode",
    "encodings": {"zstd": {}, "gzip": {}},
    "prefer": ["zstd", "gzip"],
    "match": {
        "headers": {
            "Content-Type": ["application/javascript*", "text/javascript*", "text/css*", "image/svg+xml*"]
        }
    },
}


def _proxy(door: Door) -> Json:
    """Return what passes requests on: bodies and answers stream both ways, WebSockets pass through."""
    proxy: Json = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": door.upstream}],
        "flush_interval": -1,
        "headers": {"request": {"delete": list(_FORGED)}},
        # A pod that is being replaced refuses connections for a moment.
        "load_balancing": {"try_duration": "10s", "try_interval": "250ms"},
        "transport": {
            "protocol": "http",
            "compression": False,
            "dial_timeout": "3s",
            # Node and uvicorn close idle connections after 5 s; a request sent into that moment would fail.
            "keep_alive": {"idle_timeout": "3s"},
        },
    }
    if door.mark is not None:
        made_up = {"status_code": list(_UNAVAILABLE), "headers": {door.mark: None}}
        error = {"handler": "error", "status_code": "{http.reverse_proxy.status_code}"}
        proxy["handle_response"] = [{"match": made_up, "routes": [{"handle": [error]}]}]
    return proxy
