// Sentences about a run, the same from every program.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ppinfer/run.h"

namespace [[gnu::visibility("default")]] ppinfer {

// "200 images in 0.95 s (210.5 images/s), 0 errors, 3 files skipped: 3 not images (3 .txt); records in answers.jsonl".
// Of a resumed run "1,000 images, 800 of them before, and 200 images in ...". The sentence ends with the numbers of
// sorted and moved images.
std::string summary_sentence(const RunSummary& summary, const std::string& output_path);

// The progress of a run in words. For one thread at a time.
class RunProgress {
 public:
  // At any intervals. `total`: how many images there are, where the summary doesn't know.
  void add(const RunSummary& so_far, std::optional<std::int64_t> total = {});
  double images_per_s() const;                 // of the last 20 s; 0 at the start
  std::optional<double> seconds_left() const;  // nothing before all inputs are found
  // "12,000 of 30,000 images, 101.2 images/s, 2 errors, 3:20 left"; of "30,000+" while more may be found.
  std::string in_words() const;

 private:
  std::deque<std::pair<double, std::int64_t>> seen_;  // (wall ms, images), the last 20 s of them
  std::int64_t images_ = 0;
  std::int64_t errors_ = 0;
  std::int64_t found_ = 0;
  bool found_all_ = false;
};

// The share of the lanes' time that each stage took, and what they waited for input, engine or writer: "read 0 %,
// decode 50 %, ..., idle 25 %". Empty before there is any time.
std::string stages_in_words(const RunStats& stats);

// "photos, more/cat.jpg, the list on standard input"
std::string inputs_in_words(const std::vector<std::string>& paths, const std::string& list_path);

struct CommandLine {
  std::vector<std::string> words;        // the program first
  std::vector<std::string> value_flags;  // flags whose value is the word behind: "-c", "--output", ...
};

// The reason of an early end, and the indented resume command if the run can be resumed; or the reason for no images
// (unless `quiet`, that a shard is empty). Empty otherwise. `command`: the run's own.
std::vector<std::string> end_lines(const RunSummary& summary, const std::vector<std::string>& paths,
                                   const InputOptions& inputs, const CommandLine& command, bool quiet);

// "To resume:" and the indented resume command. `reads_list`: of paths, from standard input.
std::vector<std::string> resume_lines(const CommandLine& command, bool reads_list, bool over_limit = false);

// The command that resumes a run, quoted for a shell. `over_limit`: --max-errors stopped the run; the command leaves
// --max-errors out, which would stop the resumed run at once.
std::string resume_command(const CommandLine& command, bool over_limit = false);

}  // namespace ppinfer
