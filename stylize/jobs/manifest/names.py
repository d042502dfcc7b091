"""What lies in a run folder besides the frames of its passes."""

RECORD = "run.json"
"""The job: see `stylize.jobs.manifest.job_file`."""
RECEIPT = "film.json"
"""The film that was made: see `stylize.jobs.receipt`."""
CONSENT = "consent.json"
"""What the films may replace: see `stylize.jobs.consent`."""
FAILURES = "failures"
"""Last words: see `stylize.farm.failures`."""
RECORDS = (RECORD, RECEIPT, CONSENT)
