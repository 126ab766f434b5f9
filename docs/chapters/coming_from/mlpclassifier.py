r"""
.. _coming_from_mlpclassifier:

From MLPClassifier and MLPRegressor
===================================

Still to be written.

"""

import sk_xavier

print(sk_xavier.__version__)
