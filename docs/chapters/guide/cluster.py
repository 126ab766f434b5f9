r"""
.. _guide_cluster:

A search on a cluster
=====================

"""

print("To be written.")
