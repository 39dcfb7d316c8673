"""Who may open a TCP connection to whom on each site, as one table: what is not in it is denied.

The names are the site's workloads, two users' servers, what `stacks.reachability` asks every site after (the
cluster's API, its metadata service, a private network, the internet), and the neighbours below.
"""

from stacks.reachability import Address, Pod, matrix
from tests.support.plans import SITES, planned_file

MONITORING = Pod(name="monitoring", namespace="monitoring", labels={"app": "prometheus"})
CONTROLLER = Pod(name="ingress controller", namespace="ingress-nginx", labels={"app": "nginx"})
NODE = Address(name="node", ip="10.1.2.3")
OTHER_SITE = Pod(
    name="other site's user server",
    namespace="science-other",
    labels={"app.kubernetes.io/component": "singleuser-server", "app.kubernetes.io/instance": "other"},
    ports={"8888": 8888},
)
NEIGHBOURS = (MONITORING, CONTROLLER, NODE, OTHER_SITE)


def impostor(site: str) -> Pod:
    """Return a pod of another namespace that is labelled like the site's hub."""
    labels = {"app.kubernetes.io/component": "hub", "app.kubernetes.io/instance": site}
    return Pod(name="impostor", namespace="default", labels=labels)


def test_local_behind_a_node_port():
    manifests = planned_file(SITES["local"]).manifests()
    assert matrix("local", manifests, [*NEIGHBOURS, impostor("local")]) == {
        "hub": [
            "DNS:53",
            "another user's server:8888",
            "internet:443",
            "kubernetes API:443",
            "kubernetes API:6443",
            "private network:443",
            "proxy:8001",
            "user server:8888",
        ],
        "proxy": ["DNS:53", "another user's server:8888", "hub:8081", "user server:8888"],
        "edge": ["DNS:53", "proxy:8000", "s3:8080", "webdav:8080"],
        "webdav": ["DNS:53", "hub:8081"],
        "s3": ["DNS:53", "hub:8081"],
        "image-pre-pull": [],
        "scratch-cleaner": [],
        "usage": [],
        "user server": ["DNS:53", "hub:8081", "internet:443", "internet:80", "s3:8080"],
        "another user's server": ["DNS:53", "hub:8081", "internet:443", "internet:80", "s3:8080"],
        "internet": ["edge:8443"],
        "monitoring": ["edge:8443", "edge:9180", "s3:9090", "usage:9180", "webdav:9090"],
        "ingress controller": ["edge:8443"],
        "node": ["edge:8443"],
        "other site's user server": ["edge:8443"],
        "impostor": ["edge:8443"],
    }


def test_boreal_behind_a_load_balancer():
    visibilities = Address(name="visibilities", ip="10.60.16.1", ports={"22": 22, "443": 443, "2049": 2049})
    licences = Address(name="licences", ip="10.60.4.20", ports={"22": 22, "27000": 27000})
    beside = Address(name="beside licences", ip="10.60.4.21", ports={"27000": 27000})
    database = Address(name="hub database", ip="10.60.8.3", ports={"5432": 5432})
    manifests = planned_file(SITES["boreal"]).manifests()
    others = [*NEIGHBOURS, impostor("boreal"), visibilities, licences, beside, database]
    assert matrix("boreal", manifests, others) == {
        "hub": [
            "DNS:53",
            "another user's server:8888",
            "hub database:5432",
            "internet:443",
            "kubernetes API:443",
            "kubernetes API:6443",
            "private network:443",
            "proxy:8001",
            "user server:8888",
            "visibilities:443",
        ],
        "proxy": ["DNS:53", "another user's server:8888", "hub:8081", "user server:8888"],
        "edge": ["DNS:53", "internet:443", "proxy:8000", "s3:8080", "webdav:8080"],
        "webdav": ["DNS:53", "hub:8081"],
        "s3": ["DNS:53", "hub:8081"],
        # To a volume: the network is only for the dump.
        "backup-homes": [],
        "backup-hub": ["DNS:53", "hub database:5432"],
        "backup-projects": [],
        "backup-upkeep": [],
        "image-pre-pull": [],
        "scratch-cleaner": [],
        "usage": [],
        "user-placeholder": [],
        "user server": [
            "DNS:53",
            "hub:8081",
            "internet:443",
            "internet:80",
            "licences:27000",
            "s3:8080",
            "visibilities:2049",
            "visibilities:443",
        ],
        "another user's server": [
            "DNS:53",
            "hub:8081",
            "internet:443",
            "internet:80",
            "licences:27000",
            "s3:8080",
            "visibilities:2049",
            "visibilities:443",
        ],
        "internet": ["edge:8080", "edge:8443"],
        "monitoring": ["edge:8080", "edge:8443", "edge:9180", "s3:9090", "usage:9180", "webdav:9090"],
        "ingress controller": ["edge:8080", "edge:8443"],
        "node": ["edge:8080", "edge:8443"],
        "other site's user server": ["edge:8080", "edge:8443"],
        "impostor": ["edge:8080", "edge:8443"],
        "visibilities": ["edge:8080", "edge:8443"],
        "licences": ["edge:8080", "edge:8443"],
        "beside licences": ["edge:8080", "edge:8443"],
        "hub database": ["edge:8080", "edge:8443"],
    }


def test_meridian_behind_an_ingress_controller():
    catalogues = Address(name="catalogue database", ip="10.40.128.5", ports={"22": 22, "5432": 5432})
    cutouts = Address(name="cutouts", ip="10.40.16.2", ports={"22": 22, "443": 443})
    database = Address(name="hub database", ip="10.40.130.3", ports={"5432": 5432})
    manifests = planned_file(SITES["meridian"]).manifests()
    others = [*NEIGHBOURS, impostor("meridian"), catalogues, cutouts, database]
    assert matrix("meridian", manifests, others) == {
        "hub": [
            "DNS:53",
            "another user's server:8888",
            "cutouts:443",
            "hub database:5432",
            "internet:443",
            "kubernetes API:443",
            "kubernetes API:6443",
            "private network:443",
            "proxy:8001",
            "user server:8888",
        ],
        "proxy": ["DNS:53", "another user's server:8888", "hub:8081", "user server:8888"],
        "edge": ["DNS:53", "proxy:8000", "tap:8080", "webdav:8080"],
        # A table that comes with a query may name any address: nothing but these is reached.
        "tap": ["DNS:53", "tap-database:5432"],
        "tap-database": [],
        "webdav": ["DNS:53", "hub:8081"],
        "image-pre-pull": [],
        "scratch-cleaner": [],
        "user-placeholder": [],
        "user server": [
            "DNS:53",
            "catalogue database:5432",
            "cutouts:443",
            "hub:8081",
            "internet:443",
            "internet:80",
        ],
        "another user's server": [
            "DNS:53",
            "catalogue database:5432",
            "cutouts:443",
            "hub:8081",
            "internet:443",
            "internet:80",
        ],
        "internet": [],
        "monitoring": ["edge:8080", "edge:9180", "webdav:9090"],
        # The controller may be in any other namespace, or on a node: all of these reach the edge, and it alone.
        "ingress controller": ["edge:8080"],
        "node": ["edge:8080"],
        "other site's user server": ["edge:8080"],
        "impostor": ["edge:8080"],
        "catalogue database": ["edge:8080"],
        "cutouts": ["edge:8080"],
        "hub database": ["edge:8080"],
    }
