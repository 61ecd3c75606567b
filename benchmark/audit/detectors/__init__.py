"""Detectors: each gives every row a score that is higher the likelier its label is
wrong.
"""

from benchmark.audit.detectors.base import Detector, Evidence, Neighbours, Reads, detector_named, detectors

__all__ = ["Detector", "Evidence", "Neighbours", "Reads", "detector_named", "detectors"]
