"""The rooms of the arXiv Papers Bot, one concern each; `fetch_papers.py` tells the story."""
