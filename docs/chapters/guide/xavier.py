r"""
.. _guide_xavier:

Xavier's start, derived step by step
====================================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
