// Which engine PaddleClas' keys ask for, and how many lanes and threads come of the settings and the machine.
#pragma once

#include <string>
#include <vector>

#include "config/draft.h"

namespace ppinfer {

// Engine auto becomes paddle when the user set one of the keys that only mean something there, and Paddle can read the
// model. Returns that key, or nothing.
std::string adopt_legacy_engine(ConfigDraft& draft, ModelFormat format);

inline constexpr const char* kByAllowedCpus = "0: the allowed CPUs";

struct LanePlan {
  int lanes = 1;
  int threads_per_lane = 1;
  std::string from;                  // what lanes 0 was decided by, to be shown; empty: lanes is set
  bool by_allowed_cpus = false;      // lanes 0 was decided by them
  std::vector<std::string> notices;  // what the user should know of it
};

// `engine_given`: the user named the engine, so that cpu_math_library_num_threads says nothing.
LanePlan plan_lanes(const ConfigDraft& draft, bool engine_given, int allowed_cpus);

}  // namespace ppinfer
