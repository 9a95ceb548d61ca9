#include "config/lane_plan.h"

#include <algorithm>
#include <cstdint>

#include "core/message_text.h"

namespace ppinfer {

std::string adopt_legacy_engine(ConfigDraft& draft, ModelFormat format) {
  const bool paddle_reads_it = format == ModelFormat::kPaddleProgram || format == ModelFormat::kPaddlePir;
  if (draft.given_by_user("engine") || !paddle_reads_it) return "";
  for (const ConfigField& field : field_table()) {
    if (!field.chooses_paddle || !draft.given_by_user(field.name)) continue;
    draft.settings.engine = EngineKind::kPaddle;
    ValueOrigin origin = draft.origin(field.name);
    origin.shown += " (" + field.name + ")";
    origin.line = 0;
    draft.set_origin("engine", origin);
    return field.name;
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
  if (settings.lanes == 0) {
    plan.by_allowed_cpus = total_threads == allowed_cpus;
    plan.from = plan.by_allowed_cpus ? kByAllowedCpus : "cpu_math_library_num_threads";
  }
  const std::int64_t threads = std::int64_t{plan.lanes} * plan.threads_per_lane;
  if (threads > allowed_cpus) {
    plan.notices.push_back("lanes " + std::to_string(plan.lanes) + " with threads_per_lane " +
                           std::to_string(plan.threads_per_lane) + " are " + counted(threads, "compute thread") +
                           " for " + counted(allowed_cpus, "allowed CPU") + ": they will wait for one another");
  }
  return plan;
}

}  // namespace ppinfer
