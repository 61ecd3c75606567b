"""What DyGen is, and where this implementation departs from its authors' code."""

CITATION = """@inproceedings{zhuang2023dygen,
  title = {DyGen: Learning from Noisy Labels via Dynamics-Enhanced Generative Modeling},
  author = {Zhuang, Yuchen and Yu, Yue and Kong, Lingkai and Chen, Xiang and Zhang, Chao},
  booktitle = {Proceedings of KDD}, year = {2023}}"""

DEPARTURES = (
    "Centroids come from training examples and their noisy labels alone; the authors' code mixes in clean "
    "validation and test labels (`mode=released_leaky` here, which is never ranked).",
    "Marks and neighbours use training examples; the authors' code adds validation (`bank=train_valid`). A class "
    "without examples has the overall mean as its centroid; theirs is NaN.",
    "The learning rate follows the recipe; the authors' restarts each epoch and never decays (`schedule=sawtooth`). λ1 "
    "is switched on after a tenth of the steps; theirs after int(E / 10) epochs, as in the released modes.",
    "Batches are shuffled; theirs keep one order (`shuffle=false`).",
    "The concentration is kept within [1 + 1e-4, 1e4].",
    "The share to mark is the estimated noise rate; the authors give the injected one (`rate=oracle` here).",
    "Neighbours are sought by the last embedding and never include the example itself; the authors' code uses the "
    "first epoch's and returns every unmarked example's own label (`prior_embedding=first,self_match=true`).",
    "The latent is a true reparameterised Dirichlet sample and the divergence is between Dirichlets; the authors' code "
    "samples by a small-shape approximation (`latent=approximate`) and compares Gammas (`divergence=gamma`).",
    "Trajectories are standardised and divided by the root of their length; the authors' code takes raw "
    "embeddings (`standardise=false`). The second stage's learning rate is its own, 1e-3: a step then moves a logit by "
    "up to 0.1; theirs, 1e-4 on 7,680 raw dimensions, by about 0.3. The released code takes stage one's rate "
    "(`stage_two_learning_rate=recipe`).",
    "The second stage's point is chosen by noisy validation labels or is the last; the authors' code keeps the "
    "best by test labels, in no mode here.",
    "Both stages run in full precision with their optimisers' defaults; the released code casts the second stage to "
    "half precision and scales its loss.",
)
