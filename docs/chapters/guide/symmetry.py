r"""
.. _guide_symmetry:

Symmetry: why the start must be random
======================================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
