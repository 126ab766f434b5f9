r"""
.. _guide_pytorch_and_keras:

Weights from and for PyTorch and Keras
======================================

"""

print("To be written.")
