r"""
.. _faq_not_learning:

It does not learn
=================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
