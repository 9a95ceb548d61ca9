"""Runs over many inputs that can be stopped at any moment and resumed: what `ppinfer classify` does with a folder."""

from ppinfer.job.options import JobOptions, JobSummary
from ppinfer.job.run import run_job

__all__ = ["JobOptions", "JobSummary", "run_job"]
