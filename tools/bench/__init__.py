"""How much time, memory and how many requests a run takes: `make bench` writes docs/performance.md."""
