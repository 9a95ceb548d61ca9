#include "config/lane_plan.h"

#include <algorithm>
#include <cstdint>

#include "core/message_text.h"

namespace ppinfer {
namespace {

const char* const kLegacyEngineKeys[] = {"use_gpu", "use_mkldnn", "use_tensorrt", "use_fp16",
                                         "cpu_math_library_num_threads"};

}  // namespace

std::string adopt_legacy_engine(ConfigDraft& draft, ModelFormat format) {
  const bool paddle_reads_it = format == ModelFormat::kPaddleProgram || format == ModelFormat::kPaddlePir;
  if (draft.given_by_user("engine") || !paddle_reads_it) return "";
  for (const char* key : kLegacyEngineKeys) {
    if (!draft.given_by_user(key)) continue;
    draft.settings.engine = EngineKind::kPaddle;
    ValueOrigin origin = draft.origin(key);
    origin.shown += std::string(" (") + key + ")";
    draft.set_origin("engine", origin);
    return key;
  }
  return "";
}

LanePlan plan_lanes(const ConfigDraft& draft, bool engine_given, int allowed_cpus) {
  const Settings& settings = draft.settings;
  LanePlan plan;
  plan.threads_per_lane = settings.threads_per_lane;
  int total_threads = allowed_cpus;
  if (draft.given_by_user("cpu_math_library_num_threads") && !draft.given_by_user("lanes")) {
    const int asked = settings.cpu_math_library_num_threads;
    const std::string key = "cpu_math_library_num_threads " + std::to_string(asked);
    if (engine_given) {
      plan.notices.push_back(key + " is not used where engine is set: lanes and threads_per_lane decide");
    } else {
      total_threads = std::min(asked, allowed_cpus);
      if (asked > allowed_cpus) {
        plan.notices.push_back(key + " is more than the " + counted(allowed_cpus, "allowed CPU") + ": using " +
                               std::to_string(allowed_cpus));
      }
    }
  }
  if (settings.threads_per_lane == 0) plan.threads_per_lane = std::max(1, total_threads / std::max(1, settings.lanes));
  plan.lanes = settings.lanes > 0 ? settings.lanes : std::max(1, total_threads / plan.threads_per_lane);
  if (settings.lanes == 0)
    plan.from = total_threads == allowed_cpus ? "0: the allowed CPUs" : "cpu_math_library_num_threads";
  const std::int64_t threads = std::int64_t{plan.lanes} * plan.threads_per_lane;
  if (threads > allowed_cpus) {
    plan.notices.push_back("lanes " + std::to_string(plan.lanes) + " with threads_per_lane " +
                           std::to_string(plan.threads_per_lane) + " are " + counted(threads, "compute thread") +
                           " for " + counted(allowed_cpus, "allowed CPU") + ": they will wait for one another");
  }
  return plan;
}

}  // namespace ppinfer
