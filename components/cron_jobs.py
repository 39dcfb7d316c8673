"""What a layer does at set times, as a plain dict."""

from components.objects import Manifest, Pod, labels, metadata


def cron_job(
    site: str, component: str, pod: Pod, *, schedule: str, time_zone: str, time_limit: int
) -> Manifest:
    """Return a CronJob named after its component, which never runs twice at once.

    Parameters
    ----------
    pod
        With a restart policy: ``Never`` or ``OnFailure``.
    schedule, time_zone
        As cron and the IANA database write them.
    time_limit
        Seconds after which a run is ended.
    """
    job = {
        # A second try at once, for what was only a moment's trouble.
        "backoffLimit": 1,
        "activeDeadlineSeconds": time_limit,
        "template": pod.template(site, component),
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(site, component, component),
        "spec": {
            "schedule": schedule,
            "timeZone": time_zone,
            "concurrencyPolicy": "Forbid",
            # A cluster that was down at that time makes up for it.
            "startingDeadlineSeconds": 6 * 3600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "jobTemplate": {"metadata": {"labels": labels(site, component)}, "spec": job},
        },
    }
