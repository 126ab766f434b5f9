r"""
.. _guide_diagnosing:

Diagnosing a start
==================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
