"""What a user's pod is not: root, a client of Kubernetes, able to change the system; and whom it can reach."""

from stacks.journey.day import Day, SkippedError, expect

_INSIDE = """
import json, os, sys, tempfile
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines() if ':' in line)
def writable(folder):
    try:
        tempfile.TemporaryFile(dir=folder).close()
        return True
    except OSError:
        return False
secret = ('CONFIGPROXY', 'CRYPT_KEY', 'COOKIE_SECRET', 'CLIENT_SECRET', 'PASSWORD', 'DATABASE_URL', 'SERVICE_TOKEN')
print(json.dumps({
    'user': os.getuid(),
    'group': os.getgid(),
    'capabilities': int(status['CapEff'], 16) | int(status['CapBnd'], 16),
    'no new privileges': int(status['NoNewPrivs']),
    'seccomp': int(status['Seccomp']),
    'service account': os.path.exists('/var/run/secrets/kubernetes.io/serviceaccount'),
    'writable': [folder for folder in ('/', '/etc', '/usr', '/opt', '/var', '/home', '/srv', sys.prefix)
                 if writable(folder)],
    'home': writable(os.path.expanduser('~')),
    'secrets': [name for name in os.environ if any(part in name for part in secret)],
}))
"""

_CONTAINED = {
    "user": 1000,
    "group": 1000,
    "capabilities": 0,
    "no new privileges": 1,
    "seccomp": 2,
    "service account": False,
    "writable": [],
    "home": True,
    "secrets": [],
}
"""What `_INSIDE` finds in a contained pod; Seccomp is 2 where a filter is loaded (proc(5))."""

_OWN_ADDRESS = """
import json, socket
print(json.dumps(socket.gethostbyname(socket.gethostname())))
"""

_REACH = """
import json, os, socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
def reach(target):
    try:
        socket.create_connection(target, timeout=4).close()
        return 'open'
    except ConnectionRefusedError:
        return 'refused'
    except OSError as error:
        return 'no answer' if isinstance(error, TimeoutError) else str(error.strerror or error)
hub = urlsplit(os.environ['JUPYTERHUB_API_URL'])
targets = {{
    'hub': (hub.hostname, hub.port),
    'Kubernetes API': ('kubernetes.default.svc', 443),
    'metadata service': ('169.254.169.254', 80),
    'proxy API': ('proxy-api', 8001),
    {other}
}}
with ThreadPoolExecutor() as pool:
    print(json.dumps(dict(zip(targets, pool.map(reach, targets.values())))))
"""

_SERVER_PORT = 8888


def contained(day: Day) -> str:
    """Check that the pod is not root, has no service account, and cannot write outside of home and /tmp."""
    found = day.ask(day.cast.traveller, _INSIDE)
    wrong = {what: found[what] for what, right in _CONTAINED.items() if found[what] != right}
    expect(not wrong, "; ".join(f"{what}: {value}" for what, value in wrong.items()))
    return "uid 1000, no capabilities, no token, read-only system"


def reachable(day: Day) -> str:
    """Check that the pod reaches the hub; not the Kubernetes API, metadata, the proxy's API or another user's pod."""
    other = ""
    if day.cast.other is not None and (day.cast.other, "") in day.started:
        address = day.ask(day.cast.other, _OWN_ADDRESS)
        other = f"'pod of another user': ({address!r}, {_SERVER_PORT}),"
    found = day.ask(day.cast.traveller, _REACH.format(other=other))
    expect(found.pop("hub") == "open", "the pod does not reach the hub")
    reached = [what for what, outcome in found.items() if outcome == "open"]
    if not day.offer.network_policy:
        raise SkippedError(f"not enforced here; the pod reaches: {', '.join(['hub', *reached])}")
    expect(not reached, f"the pod reaches {', '.join(reached)}")
    return f"only the hub, not: {', '.join(found)}"
