#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "core/stable_hash.h"
#include "ppinfer/job.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

// These change how fast records come, or where other files go, and never what stands in a record. Names of files are
// among them: what counts is their content.
constexpr std::array<std::string_view, 16> kWithoutEffect{
    "benchmark",       "check_engine", "cls_model_path", "cls_params_path", "cpu_math_library_num_threads",
    "gpu_id",          "gpu_mem",      "label_path",     "lanes",           "mkldnn_cache_capacity",
    "model_cache_dir", "model_dir",    "pin_lanes",      "save_dir",        "threads_per_lane",
    "warmup",
};

std::string hash_of(const std::vector<std::string>& labels) {
  std::string joined;
  for (const std::string& label : labels) joined += label + '\n';
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(stable_hash(joined)));
  return digits.data();
}

}  // namespace

JobIdentity record_identity(const Predictor& predictor) {
  JobIdentity identity{{"ppinfer", kVersion}};
  for (const EffectiveValue& row : report_config(predictor.config()).effective) {
    const bool matters = std::find(kWithoutEffect.begin(), kWithoutEffect.end(), row.key) == kWithoutEffect.end();
    if (matters) identity.emplace_back(row.key, row.value);
  }
  identity.emplace_back("hash of the labels", hash_of(predictor.labels()));
  return identity;
}

}  // namespace ppinfer
