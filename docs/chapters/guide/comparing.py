r"""
.. _guide_comparing:

Comparing starts honestly
=========================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
