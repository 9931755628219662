"""The model hub: nothing is downloaded or uploaded, so what comes from there is not known."""
from _assay import unknown as _unknown

CHAT_TEMPLATE_DIR = "additional_chat_templates"
CHAT_TEMPLATE_FILE = "chat_template.jinja"
LEGACY_PROCESSOR_CHAT_TEMPLATE_FILE = "chat_template.json"
CLOUDFRONT_DISTRIB_PREFIX = ""
S3_BUCKET_PREFIX = ""
HF_MODULES_CACHE = ""
TRANSFORMERS_CACHE = ""
TRANSFORMERS_DYNAMIC_MODULE_NAME = "transformers_modules"
SESSION_ID = ""


class EntryNotFoundError(Exception):
    pass


class RepositoryNotFoundError(Exception):
    pass


class RevisionNotFoundError(Exception):
    pass


class PushInProgress:
    pass


class DownloadKwargs(dict):
    pass


class PushToHubMixin:
    def push_to_hub(self, *args, **kwargs):
        return _unknown("an upload to the hub")


def cached_file(path_or_repo_id, filename, **kwargs):
    return _unknown(f"the file {filename} of {path_or_repo_id} on the hub")


def cached_files(path_or_repo_id, filenames, **kwargs):
    return _unknown(f"files of {path_or_repo_id} on the hub")


def has_file(path_or_repo, filename, **kwargs):
    return _unknown(f"whether {path_or_repo} has the file {filename}")


def extract_commit_hash(resolved_file, commit_hash):
    return commit_hash


def is_offline_mode():
    return True


def define_sagemaker_information():
    return {}


def http_user_agent(user_agent=None):
    return ""


def list_repo_templates(*args, **kwargs):
    return []


def __getattr__(name):
    return _unknown(f"{name} of the model hub")
