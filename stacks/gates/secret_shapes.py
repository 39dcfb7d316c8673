"""What secrets look like: shapes of known services, names that go with them, and texts that nobody has written."""

import math
import re
from collections import Counter
from functools import cache
from itertools import pairwise

SHAPES = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----")),
    ("an access key of AWS", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a token of GitHub", re.compile(r"\b(gh[opsur]_[A-Za-z0-9]{36}|github_pat_\w{40,})")),
    ("a token of GitLab", re.compile(r"\bgl(pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,}")),
    ("a token of Slack", re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    ("a token of Pulumi", re.compile(r"\bpul-[0-9a-f]{40}\b")),
    ("a token of PyPI or npm", re.compile(r"\b(pypi-AgE\w{20,}|npm_[A-Za-z0-9]{36})")),
    ("an API key of Google", re.compile(r"\bAIza[\w-]{35}")),
    ("a signed token (JWT)", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    (
        "a URL with a password",
        re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}$<>'\"]*:[^\s/@{}$<>'\"]+@[\w\[{$]"),
    ),
    ("a password's hash", re.compile(r"\$(2[abxy]|argon2id?|[156]|y|scrypt)\$[\w./$,=+-]{20,}")),
    ("an Authorization header", re.compile(r"\b(Basic|Bearer) [A-Za-z0-9+/_.-]{20,}={0,2}")),
)
"""Texts that are secrets wherever they are."""

_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|(api|access|private|signing|encryption|crypt|cookie)[-_]?key",
    re.IGNORECASE,
)
_NAMES_OF_NO_SECRET = re.compile(
    r"(file|path|dir|url|uri|endpoint|name|id|ref|class|type|claims?|scopes?|audience|seconds|minutes|age|ttl|"
    r"lifetime|expir\w*|length|size|limit|count|user\w*|group\w*|host|port|algorithms?|methods?)$",
    re.IGNORECASE,
)
_NO_VALUES = re.compile(r"|[-+]?[\d.]+\w{0,2}|true|false|none|null|[./~$%{<].*|\w+://.*", re.IGNORECASE)
"""Values that are no secrets whatever their name: nothing, numbers, words of logic, paths, references, addresses."""

_PUBLIC = re.compile(
    r"-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----.*?-----END (?:CERTIFICATE|PUBLIC KEY)-----"
    r"|\bsha(?:1|256|384|512)[:-][A-Za-z0-9+/=_-]+"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\bdata:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=]+",
    re.DOTALL,
)
"""What looks random and is public: certificates, digests, UUIDs, pictures in pages."""

_RUN = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_HEX_BITS = 3.0
_BITS = 3.7
_TURNS = 0.4
_SHORT = 4


@cache
def shape_of(text: str) -> str | None:
    """Return what known secret is in a text, in words; None where there is none."""
    return next((what for what, shape in SHAPES if shape.search(text)), None)


def names_secret(name: str) -> bool:
    """Return whether a name is that of a secret, and not of where one is, or of whose it is."""
    return bool(_NAMES.search(name)) and not _NAMES_OF_NO_SECRET.search(name)


def looks_random(text: str, *, strictly: bool = True) -> bool:
    """Return whether nobody has written a text: it goes to and fro between letters of either case and digits.

    Parameters
    ----------
    strictly
        Whether it takes that much; otherwise any word with a digit or a sign in it is enough, as passwords are,
        and names of things are not.
    """
    if not strictly:
        plain = re.fullmatch(r"[A-Za-z]+([-_. ][A-Za-z]+)*", text)
        return len(text) >= _SHORT and not _NO_VALUES.fullmatch(text) and not plain and " " not in text
    if _HEX.fullmatch(text):
        return _bits(text) >= _HEX_BITS
    turns = sum(_kind(one) != _kind(other) for one, other in pairwise(text))
    mixed = len({_kind(letter) for letter in text} & {"a", "A", "0"}) == len("aA0")
    return mixed and turns >= _TURNS * len(text) and _bits(text) >= _BITS


@cache
def random_parts(text: str) -> tuple[str, ...]:
    """Return the parts of a text that look random, but for what is public."""
    runs = (match[0] for match in _RUN.finditer(_PUBLIC.sub(" ", text)))
    return tuple(run for run in runs if looks_random(run.rstrip("=")))


def _kind(letter: str) -> str:
    if letter.isdigit():
        return "0"
    return ("A" if letter.isupper() else "a") if letter.isalpha() else "-"


def _bits(text: str) -> float:
    """Return Shannon's entropy of a text, in bits a letter."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
