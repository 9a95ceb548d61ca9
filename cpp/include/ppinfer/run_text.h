// Sentences about a run, the same from every program.
#pragma once

#include <string>
#include <vector>

#include "ppinfer/run.h"

namespace ppinfer {

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped: 3 not images (3 .txt); records in answers.jsonl".
// Of a resumed run "1,000 images, 800 of them before, and 200 images in ...".
std::string summary_sentence(const RunSummary& summary, const std::string& output_path);

// For a run without any image. `inputs`: the searched inputs, from inputs_in_words().
std::string no_images_sentence(const std::string& inputs, const SkippedFiles& skipped);

// "photos, more/cat.jpg, the list on standard input"
std::string inputs_in_words(const std::vector<std::string>& paths, const std::string& list_path);

// For a shard without any image.
std::string empty_shard_sentence(int index, int count, const RunSummary& summary);

// The reason of an early end, and the resume command if the run can be resumed. `command`: the run's own command, with
// the program first.
std::vector<std::string> stop_lines(const RunSummary& summary, const std::vector<std::string>& command);

// "To resume:" and the indented resume command.
std::vector<std::string> resume_lines(const std::vector<std::string>& command, bool over_limit = false);

// The command that resumes a run, quoted for a shell. `over_limit`: --max-errors stopped the run; the command leaves
// --max-errors out, which would stop the resumed run at once.
std::string resume_command(const std::vector<std::string>& command, bool over_limit = false);

}  // namespace ppinfer
