r"""
.. _guide_features:

What scikit-learn's MLP lacks
=============================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
