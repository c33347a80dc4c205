"""The rooms of the arXiv Papers Bot, one concern each; `fetch_papers.py` tells the story."""

import atexit
import gc

# A run is short and leaves no circles behind. Looking for them as often as usual, and among everything once
# more at the end, costs a tenth of its time.
gc.set_threshold(100_000, 20, 20)
atexit.register(gc.freeze)
