r"""
.. _guide_tables:

Tables: pandas and polars
=========================

"""

print("To be written.")
