"""The citation of the paper, for the cards of datasets and models and for the metrics."""

BIBTEX = """@inproceedings{pan2025lemma,
  title     = {{LEMMA}: Learning from Errors for MatheMatical Advancement in {LLMs}},
  author    = {Pan, Zhuoshi and Li, Yu and Lin, Honglin and Pei, Qizhi and Tang, Zinan and Wu, Wei and Ming, Chenlin
               and Zhao, H. Vicky and He, Conghui and Wu, Lijun},
  booktitle = {Findings of the Association for Computational Linguistics: ACL 2025},
  year      = {2025},
  url       = {https://arxiv.org/abs/2503.17439}
}"""
