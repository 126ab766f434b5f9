r"""
.. _guide_saturation:

Saturation, and the trouble with the sigmoid
============================================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
