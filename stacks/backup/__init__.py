"""Backing a site up and restoring it: ``python -m stacks backup|restore SITE``.

All of it is done by Jobs in the site's namespace, made from its CronJobs as they are in the cluster: the operator's
machine needs access to Kubernetes, and neither restic nor the store's password.
"""
