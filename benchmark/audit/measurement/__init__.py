"""How well detectors and the rule find wrong labels that are known."""
