// Sentences about a run, for standard error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ppinfer/predictor.h"

namespace ppinfer {

// For a run that found nothing to classify.
std::string no_images(const std::vector<std::string>& paths, std::int64_t skipped_files);

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped; records in answers.jsonl"
std::string summary(const RunStats& stats, std::int64_t skipped_files, const std::string& output_path);

}  // namespace ppinfer
