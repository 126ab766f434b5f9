r"""
.. _start_grid_search:

In a grid search
================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
