r"""
.. _coming_from_other_libraries:

From skorch, Keras and PyTorch
==============================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
