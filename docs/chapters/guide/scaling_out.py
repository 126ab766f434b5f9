r"""
.. _guide_scaling_out:

Scaling out
===========

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
