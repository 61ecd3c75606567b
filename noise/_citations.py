"""Citations that several noise models share."""

PATRINI_2017 = """@inproceedings{patrini2017forward,
  title = {Making Deep Neural Networks Robust to Label Noise: A Loss Correction Approach},
  author = {Patrini, Giorgio and Rozza, Alessandro and Menon, Aditya Krishna and Nock, Richard and Qu, Lizhen},
  booktitle = {CVPR}, year = {2017}}"""
