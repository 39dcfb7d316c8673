"""What surrounds a site in its file: the file's name, Pulumi's own keys, the keys of other configuration."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from stacks.site_errors import Keys, Located, Problem, SiteError, did_you_mean, dotted, nearest
from stacks.site_words import set_secret, unknown_key
from stacks.site_yaml import Document, SyntaxProblemError, read

PROJECT = "science-platform"
SITE_KEY = f"{PROJECT}:site"
SITE_PATH: Keys = ("config", SITE_KEY)

ENGINE_KEYS = {
    "encryptionsalt": "Salt of the key that secrets are encrypted with; Pulumi writes it.",
    "secretsprovider": "Service that encrypts secrets; Pulumi writes it.",
    "encryptedkey": "Key that secrets are encrypted with, itself encrypted; Pulumi writes it.",
    "environment": "Pulumi ESC environments that the stack's configuration comes from.",
}
"""Keys beside ``config`` that are Pulumi's own."""

SECRETS = {
    "oidcClientSecret": "Secret of the hub as a client of the identity provider, with identity.kind: oidc.",
    "hubDatabaseUrl": "URL of the hub's database with its password, with hub.state.kind: postgresql.",
    "tapDatabaseUrl": "URL of TAP's database with its password, with tap.database.kind: external.",
    "backupPassword": "Password that backups are encrypted with, with backup: keep a copy of it elsewhere.",
    "backupAccessKey": "Access key of the object store, with backup.to.kind: s3.",
    "backupSecretKey": "Secret key of the object store, with backup.to.kind: s3.",
}
"""Configuration keys that hold secrets."""

SETTINGS = {
    "context": "Context of a cluster that takes the place of the local one, with cluster.kind: local."
}
"""Configuration keys that are neither the site nor secrets."""

_NAMES = ("site", *SECRETS, *SETTINGS)

_SITE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LONGEST_NAME = 30


def name_problem(name: str) -> str | None:
    """Return what is wrong with a site's name, which is part of its namespace's: ``science-<site>``."""
    if _SITE_NAME.fullmatch(name) and len(name) <= _LONGEST_NAME:
        return None
    return (
        f"the site's name must be of 1 to {_LONGEST_NAME} lower-case letters, digits and hyphens, starting with a "
        "letter and not ending with a hyphen: its namespace is science-<site>"
    )


def name_of(file: Path) -> str | None:
    """Return the site that a file is of, or None if it is not named ``Pulumi.<site>.yaml``."""
    match = re.fullmatch(r"Pulumi\.(.+)\.yaml", file.name)
    return match[1] if match else None


def open_document(path: Path) -> Document:
    """Return what a file says.

    Raises
    ------
    SiteError
        It cannot be read as YAML.
    """
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SiteError([Located(path, None, "", "there is no such file")]) from None
    except UnicodeDecodeError:
        raise SiteError([Located(path, None, "", "is not text in UTF-8")]) from None
    except OSError as error:
        raise SiteError([Located(path, None, "", f"cannot be read: {error.strerror}")]) from None
    except SyntaxProblemError as error:
        raise SiteError([Located(path, error.mark, "", error.rule)]) from None


def shown(path: Keys) -> str:
    """Return the dotted key of a path from the top of the file: from the site down, inside it."""
    inside = path[: len(SITE_PATH)] == SITE_PATH and len(path) > len(SITE_PATH)
    return dotted(path[len(SITE_PATH) :] if inside else path)


def frame_problems(document: Document) -> Iterator[Problem]:
    """Yield what is wrong around the site, in paths from the top of the file."""
    top = document.value
    if top is None:
        yield Problem((), f"the file is empty; expected config: with {SITE_KEY}: in it")
        return
    if not isinstance(top, dict):
        yield Problem((), f"expected config: with {SITE_KEY}: in it")
        return
    for key in top:
        if key not in {"config", *ENGINE_KEYS}:
            yield Problem((key,), _unknown_top(key), "key")
    config = top.get("config")
    if config is None:
        yield Problem(("config",), f"is missing or empty; expected {SITE_KEY}: in it")
        return
    if not isinstance(config, dict):
        yield Problem(("config",), f"expected a mapping with {SITE_KEY}: in it")
        return
    if SITE_KEY not in config and SITE_KEY not in [_meant(key) for key in config]:
        yield Problem(SITE_PATH, "is missing: it holds the site")
    elif SITE_KEY in config and not isinstance(config[SITE_KEY], dict):
        yield Problem(SITE_PATH, "expected the site's sections: title, cluster, edge, identity, storage, hub")
    yield from _config_problems(config)
    yield from _encrypted(config.get(SITE_KEY), SITE_PATH)


def _unknown_top(key: str) -> str:
    if key.startswith(f"{PROJECT}:"):
        return "unknown key here: it belongs below config:, indented"
    valid = ["config", *ENGINE_KEYS]
    return unknown_key(did_you_mean(key, valid), valid)


def _config_problems(config: Mapping[str, object]) -> Iterator[Problem]:
    valid = [f"{PROJECT}:{name}" for name in _NAMES]
    for key, value in config.items():
        namespace, _, name = key.rpartition(":")
        if namespace == PROJECT and name in SECRETS:
            if not _is_encrypted(value):
                rule = f"is a secret in plain text: make a new one and {set_secret([name])}"
                yield Problem(("config", key), rule)
        elif key not in valid and (not namespace or namespace.split(":")[0] == PROJECT):
            meant = _meant(key)
            hint = f"; did you mean '{meant}'?" if meant else ""
            yield Problem(("config", key), unknown_key(hint, valid), "key")


def _meant(key: str) -> str | None:
    """Return the configuration key that was probably meant."""
    name = nearest(key.rpartition(":")[2], _NAMES)
    return f"{PROJECT}:{name}" if name else None


def unused_config(
    config: Mapping[str, object], secrets: tuple[str, ...], *, local: bool
) -> Iterator[Problem]:
    """Yield configuration beside a valid site that the site does not use.

    Parameters
    ----------
    secrets
        The secrets that the site uses.
    local
        Whether its cluster is a local one.
    """
    for name, use in SECRETS.items():
        if name not in secrets and f"{PROJECT}:{name}" in config:
            rule = f"is not used by this site; remove it with `pulumi config rm {name}`. It is: {use}"
            yield Problem(("config", f"{PROJECT}:{name}"), rule, "key")
    if not local and f"{PROJECT}:context" in config:
        rule = "is for cluster.kind: local only; this site's cluster.context says which cluster it is"
        yield Problem(("config", f"{PROJECT}:context"), rule, "key")


def _is_encrypted(value: object) -> bool:
    """Return whether a value is what Pulumi takes for a secret."""
    return isinstance(value, dict) and list(value) == ["secure"] and isinstance(value["secure"], str)


def _encrypted(value: object, path: Keys) -> Iterator[Problem]:
    if _is_encrypted(value):
        rule = f"secrets are not part of the site, which everyone may read; {set_secret(SECRETS)}"
        yield Problem(path, rule)
    pairs = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
    for key, item in pairs:
        yield from _encrypted(item, (*path, key))
