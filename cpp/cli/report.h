// Sentences about a run, for standard error.
#pragma once

#include <cstdint>
#include <string>

#include "ppinfer/predictor.h"

namespace ppinfer {

std::string counted(std::int64_t count, const std::string& noun);  // "1 image", "2 images"

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped; records in answers.jsonl"
std::string summary(const RunStats& stats, std::int64_t skipped_files, const std::string& output_path);

}  // namespace ppinfer
