"""The Go programs of services/: their form, what the compiler's checker says, and their own tests."""

import shutil
import subprocess
from collections.abc import Sequence

from infra.paths import ROOT

SERVICES = ROOT / "services"


def go(*arguments: str) -> tuple[int, str]:
    """Run a program in the module's folder; return its status and all that it said."""
    done = subprocess.run(arguments, cwd=SERVICES, check=False, capture_output=True, text=True)
    return done.returncode, f"{done.stdout}{done.stderr}"


def race_detector() -> Sequence[str]:
    """Return the flag that finds data races, where there is the C compiler that it needs."""
    return ["-race"] if shutil.which("gcc") else []


def test_the_code_has_the_one_form():
    assert go("gofmt", "-l", ".") == (0, "")


def test_the_checker_finds_nothing():
    assert go("go", "vet", "./...") == (0, "")


def test_module_files_are_tidy():
    assert go("go", "mod", "tidy", "-diff") == (0, "")


def test_the_programs_own_tests_pass():
    status, said = go("go", "test", *race_detector(), "./...")
    assert status == 0, said
