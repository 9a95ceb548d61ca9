// Sentences about a run, the same from every program.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/run.h"

namespace ppinfer {

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped: 3 not images (3 .txt); records in answers.jsonl".
// Of a resumed run "1,000 images, 800 of them before and 200 images in ...". At the end, what was sorted and moved.
std::string summary_sentence(const RunSummary& summary, const std::string& output_path);

// Of a run that found nothing to classify. `inputs`: where it looked, in words.
std::string no_images_sentence(const std::string& inputs, const SkippedFiles& skipped);

// "photos, more/cat.jpg, the list on standard input"
std::string inputs_in_words(const std::vector<std::string>& paths, const std::string& list_path);

// Of a shard that got none of the images.
std::string empty_shard_sentence(int index, int count, const RunSummary& summary);

// Why a run has ended early, and where it can be resumed the command that does it. `command`: its own, with the program
// first.
std::vector<std::string> stop_lines(const RunSummary& summary, const std::vector<std::string>& command);

// "To go on from there:" and the command, set in.
std::vector<std::string> resume_lines(const std::vector<std::string>& command, bool over_limit = false);

// The command that resumes a run, as it can be pasted into a shell. `over_limit`: --max-errors stopped it, which would
// stop it again at once and so is left out.
std::string resume_command(const std::vector<std::string>& command, bool over_limit = false);

}  // namespace ppinfer
