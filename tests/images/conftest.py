"""An empty cache for images that still has Go's own: compiling its standard library anew shows nothing."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def go_cache() -> str:
    """Return where Go keeps what it has compiled."""
    return subprocess.run(["go", "env", "GOCACHE"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def cache(tmp_path: Path, go_cache: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the project's cache folder, empty."""
    monkeypatch.setenv("GOCACHE", go_cache)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/science-platform"
