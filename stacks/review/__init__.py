"""Comparisons as comments on pull requests.

What runs with a token (`stacks.review.post`) uses nothing but Python's standard library and the modules of this
package: there is nothing to install, and nothing of the pull request's is ever run.
"""
