r"""
.. _guide_onnx:

Leaving Python: ONNX
====================

"""

print("To be written.")
