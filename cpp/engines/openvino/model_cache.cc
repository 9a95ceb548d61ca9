#include "model_cache.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <locale>
#include <openvino/op/constant.hpp>
#include <optional>
#include <sstream>

#include "cache_entry.h"
#include "core/utf8_locale.h"
#include "core/xxh64.h"
#include "engine/fork_gate.h"
#include "model_identity.h"
#include "openvino_error.h"
#include "ppinfer/predictor.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

// All that what OpenVINO makes depends on.
std::uint64_t key_of(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties) {
  std::ostringstream made_by;
  made_by.imbue(std::locale::classic());
  made_by << kVersion << '\n' << ov::get_openvino_version().buildNumber << '\n' << cpu_features() << '\n';
  for (const auto& [name, value] : properties) {
    made_by << name << ' ';
    value.print(made_by);
    made_by << '\n';
  }
  return Xxh64::of(made_by.str(), identity_of(model));
}

// What OpenVINO keeps are the model's operations as text and its constants; quantised ones may be widened.
std::uint64_t most_entry_bytes(const ov::Model& model) {
  constexpr std::uint64_t kFreeBytes = std::uint64_t{64} << 20;
  constexpr std::uint64_t kOperationBytes = 16384;
  constexpr std::uint64_t kWidening = 8;
  std::uint64_t bytes = kFreeBytes;
  for (const std::shared_ptr<ov::Node>& node : model.get_ops()) {
    bytes += kOperationBytes;
    if (const auto* const constant = dynamic_cast<const ov::op::v0::Constant*>(node.get())) {
      bytes += kWidening * constant->get_byte_size();
    }
  }
  return bytes;
}

std::string entry_name(std::uint64_t key) {
  char name[64];
  std::snprintf(name, sizeof(name), "openvino-%016llx.blob", static_cast<unsigned long long>(key));
  return name;
}

// OpenVINO keeps the threads of destroyed models in a pool of the process, for the next model with the same settings.
// In a forked child, the next model would wait for these threads forever. The end of a CPU plugin empties the pool;
// models in use keep their threads. Takes 4 to 8 ms.
void drop_idle_threads() { ov::Core().get_property("CPU", ov::device::full_name); }

}  // namespace

// Never destroyed: at exit its plugins may be gone before it.
ov::Core& openvino_core() {
  static ov::Core* const core = [] {
    before_each_fork(drop_idle_threads);
    return std::make_unique<ov::Core>().release();
  }();
  return *core;
}

ModelCache::ModelCache(const EngineOptions& options) {
  if (options.cache_dir.empty()) return;
  folder_.emplace(options.cache_dir);
  if (folder_->problem().empty()) return;
  note("model_cache_dir " + folder_->path() + " isn't used: " + folder_->problem());
  folder_.reset();
}

ov::CompiledModel ModelCache::compiled(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties) {
  const Utf8Locale numbers_have_points;
  if (!folder_) return openvino_core().compile_model(model, "CPU", properties);
  const std::uint64_t key = key_of(model, properties);
  if (ov::CompiledModel kept = from_entry(key, most_entry_bytes(*model), properties)) return kept;
  ov::CompiledModel made = openvino_core().compile_model(model, "CPU", properties);
  try {
    write_entry(*folder_, entry_name(key), key, [&made](std::ostream& out) { made.export_model(out); });
  } catch (const std::exception& error) {
    note("model_cache_dir " + folder_->path() +
         ": the compiled model can't be cached, so each load compiles the model again: " + reason_of(error));
  }
  return made;
}

// Empty: there is none that is of use.
ov::CompiledModel ModelCache::from_entry(std::uint64_t key, std::uint64_t most_bytes, const ov::AnyMap& properties) {
  try {
    if (const std::optional<ov::Tensor> bytes = read_entry(*folder_, entry_name(key), key, most_bytes)) {
      return openvino_core().import_model(*bytes, "CPU", properties);
    }
  } catch (const std::exception& error) {
    const std::string entry = (std::filesystem::path(folder_->path()) / entry_name(key)).string();
    note("model_cache_dir: " + entry + " isn't used: " + reason_of(error));
  }
  return {};
}

std::vector<std::string> ModelCache::notices() const {
  const std::lock_guard lock(mutex_);
  return notices_;
}

void ModelCache::note(const std::string& notice) {
  const std::lock_guard lock(mutex_);
  if (std::find(notices_.begin(), notices_.end(), notice) == notices_.end()) notices_.push_back(notice);
}

}  // namespace ppinfer
