"""The whole job without network and key: invented papers behind a local arXiv and a local model."""

from paperbot.sample.papers import SAMPLE_CLOCKS
from paperbot.sample.run import run_sample, sample_config
from paperbot.sample.server import SampleWorld

__all__ = ["SAMPLE_CLOCKS", "SampleWorld", "run_sample", "sample_config"]
