"""The rooms of the arXiv Papers Bot, one concern each; `fetch_papers.py` tells the story."""

import gc

# A run is short and leaves no circles behind: looking for them as often as usual costs a tenth of its start.
gc.set_threshold(100_000, 20, 20)
