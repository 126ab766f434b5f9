r"""
.. _guide_continuing:

Continuing
==========

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
