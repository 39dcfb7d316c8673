"""A computing kernel counts as activity: the extension in the lab image, with stand-ins for Jupyter Server."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from infra.paths import ROOT

FILE = ROOT / "images/lab/files/etc/jupyter/extensions/busy_kernels.py"


@pytest.fixture(scope="module")
def busy_kernels() -> ModuleType:
    spec = importlib.util.spec_from_file_location("busy_kernels", Path(FILE))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("states", "expected"),
    [([], False), (["idle"], False), ([None, "starting"], False), (["idle", "busy"], True)],
)
def test_a_server_works_while_one_of_its_kernels_is_busy(
    busy_kernels: ModuleType, states: list[str], expected: bool
):
    assert busy_kernels.works(states) is expected


def test_jupyter_server_counts_the_setting_as_activity(busy_kernels: ModuleType):
    assert busy_kernels.SETTING.endswith("_last_activity")
