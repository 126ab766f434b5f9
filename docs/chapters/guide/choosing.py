r"""
.. _guide_choosing:

Choosing an initializer
=======================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
