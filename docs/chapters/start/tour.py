r"""
.. _tour:

A tour in five minutes
======================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
