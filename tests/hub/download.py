"""Downloads a repository with huggingface_hub: download.py KIND NAME REVISION [LOCAL_DIR], the rest as variables."""

import sys

from huggingface_hub import snapshot_download

kind, name, revision, *local = sys.argv[1:]
print(snapshot_download(name, repo_type=kind, revision=revision, local_dir=local[0] if local else None))
