"""The arXiv Papers Bot: one module per concern; `fetch_papers.py` runs them from top to bottom."""

VERSION = "2.0.0"
UPSTREAM_URL = "https://github.com/arxiv-papers-bot/arxiv-papers-bot"
"""The repository that everyone forks."""
