#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "requests<3",
# ]
#
# [[tool.uv.index]]
# url = "https://example.com/s"
# ///
print(1)
