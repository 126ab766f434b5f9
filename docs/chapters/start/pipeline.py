r"""
.. _start_pipeline:

In a pipeline
=============

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
