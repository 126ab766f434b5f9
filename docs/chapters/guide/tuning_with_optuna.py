r"""
.. _guide_optuna:

Tuning with Optuna
==================

"""

print("To be written.")
