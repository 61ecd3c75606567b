"""Generative models of labels, and the calibration of predictions by them."""
