r"""
.. _guide_training:

Training and stopping
=====================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
