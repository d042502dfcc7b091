"""A job written down in its run folder, so that any process on any machine can take it up."""

from stylize.jobs.manifest.job_file import job_fingerprint, load_job, read_record, save_job

__all__ = ["job_fingerprint", "load_job", "read_record", "save_job"]
