r"""
.. _guide_saving:

Saving and loading safely
=========================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
