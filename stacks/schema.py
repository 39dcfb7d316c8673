"""The JSON Schema of site files, for editors and for checks without Python: ``stacks/site.schema.json``."""

import json
from pathlib import Path
from typing import Any

from stacks.site import site_schema
from stacks.site_frame import ENGINE_KEYS, PROJECT, SECRETS, SETTINGS, SITE_KEY

FILE = Path(__file__).parent / "site.schema.json"


def _entry(title: str, description: str, **schema: object) -> dict[str, Any]:
    return {"title": title, "description": description, **schema}


def _secret(key: str, use: str) -> dict[str, Any]:
    encrypted = _entry("Secure", "The encrypted secret.", type="string")
    return _entry(
        key,
        f"{use} Set it with `pulumi config set --secret {key}`.",
        type="object",
        properties={"secure": encrypted},
        required=["secure"],
        additionalProperties=False,
    )


def schema() -> dict[str, Any]:
    """Return the schema of a whole ``Pulumi.<site>.yaml``.

    It is of draft 7, which YAML editors know best; what only Python can see is not in it: the rules between
    values.
    """
    site = site_schema()
    definitions = {**site["$defs"], "Site": {key: value for key, value in site.items() if key != "$defs"}}
    config = {
        SITE_KEY: _entry("Site", site["description"], **{"$ref": "#/$defs/Site"}),
        **{f"{PROJECT}:{key}": _secret(key, use) for key, use in SECRETS.items()},
        **{f"{PROJECT}:{key}": _entry(key, use, type="string") for key, use in SETTINGS.items()},
    }
    engine = {
        key: _entry(key, use, **({} if key == "environment" else {"type": "string"}))
        for key, use in ENGINE_KEYS.items()
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Site file",
        "description": "One data centre's science platform, as a stack of Pulumi.",
        "type": "object",
        "properties": {
            "config": _entry(
                "Config",
                "Configuration of the stack.",
                type="object",
                properties=config,
                patternProperties={f"^(?!{PROJECT}:)[^:]+:.+$": {}},
                required=[SITE_KEY],
                additionalProperties=False,
            ),
            **engine,
        },
        "required": ["config"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def text() -> str:
    """Return the schema as the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write() -> Path:
    """Write the schema's file and return its path."""
    FILE.write_text(text(), encoding="utf-8")
    return FILE
