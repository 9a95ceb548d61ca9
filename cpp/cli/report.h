// Sentences about a run, for standard error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arguments.h"
#include "ppinfer/job.h"

namespace ppinfer {

// For a run that found nothing to classify.
std::string no_images(const std::vector<std::string>& paths, const InputOptions& options, const SkippedFiles& skipped);

// For a shard that got none of the images.
std::string empty_shard(const InputOptions& options, const JobTotals& totals);

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped: 3 not images (3 .txt); records in answers.jsonl"
// With "1000 images, 800 of them before" of a resumed run.
std::string summary(const JobTotals& totals, const std::string& output_path);

// Why a job has ended early, and its resume command; empty where no record was kept.
std::string stopped(const JobTotals& totals, const Arguments& arguments);
std::string way_on(const JobTotals& totals, const Arguments& arguments);

}  // namespace ppinfer
