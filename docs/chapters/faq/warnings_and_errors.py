r"""
.. _faq_warnings_and_errors:

Warnings and errors
===================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
