"""Writes config.schema.json, with which editors complete and check config.json."""

import sys

from paperbot.config import schema_text

sys.stdout.write(schema_text())
