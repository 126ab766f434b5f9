r"""
.. _guide_other_tools:

Other tools that take any estimator
===================================

"""

print("To be written.")
