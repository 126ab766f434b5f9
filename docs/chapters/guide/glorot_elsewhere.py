r"""
.. _guide_glorot_elsewhere:

What others mean by "Glorot"
============================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
