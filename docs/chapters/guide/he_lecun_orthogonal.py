r"""
.. _guide_he_lecun_orthogonal:

He, LeCun, orthogonal
=====================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
