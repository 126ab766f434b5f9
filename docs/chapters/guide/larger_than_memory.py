r"""
.. _guide_larger_than_memory:

Data larger than memory
=======================

"""

print("To be written.")
