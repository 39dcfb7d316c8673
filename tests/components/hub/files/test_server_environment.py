"""Timing of activity, and threads."""

from dataclasses import replace

import pytest

from server_environment import activity_interval, activity_resolution, server_environment, threads


@pytest.mark.parametrize("idle", [8, 15, 60, 600, 3600, 86400])
def test_a_server_in_use_is_never_older_than_the_idle_time(idle):
    # JupyterHub reports with 10 % of jitter, and drops what is within the resolution.
    assert 1.1 * activity_interval(idle) + activity_resolution(idle) < 0.6 * idle


def test_a_long_idle_time_does_not_make_reports_rare():
    assert (activity_interval(86400), activity_resolution(86400)) == (300, 30)


@pytest.mark.parametrize(("cpu", "expected"), [(0.5, 1), (1, 1), (2.9, 2), (64, 64)])
def test_threads_are_whole_cores(cpu, expected):
    assert threads(cpu) == expected


def test_the_environment_of_a_server(site):
    assert server_environment(site, site.profiles["gpu"]) == {
        "HOME": "/home/jovyan",
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter-runtime",
        "JUPYTERHUB_ACTIVITY_INTERVAL": "300",
        "AWS_REGION": "us-east-1",
        "SCIENCE_PLATFORM_SITE": "local",
        "SCRATCH": "/scratch",
        "OMP_NUM_THREADS": "8",
        "OPENBLAS_NUM_THREADS": "8",
        "MKL_NUM_THREADS": "8",
        "NUMEXPR_MAX_THREADS": "8",
        "PYTHON_CPU_COUNT": "8",
    }


def test_a_site_without_scratch_names_none(site):
    bare = replace(site, scratch_claim=None)
    assert "SCRATCH" not in server_environment(bare, site.profiles["gpu"])
