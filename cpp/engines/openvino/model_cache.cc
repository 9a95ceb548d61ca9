#include "model_cache.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>

#include "cache_entry.h"
#include "core/xxh64.h"
#include "model_identity.h"
#include "openvino_error.h"
#include "ppinfer/error.h"
#include "ppinfer/predictor.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

// All that what OpenVINO makes depends on.
std::uint64_t key_of(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties) {
  std::ostringstream made_by;
  made_by << kVersion << '\n' << ov::get_openvino_version().buildNumber << '\n' << cpu_features() << '\n';
  for (const auto& [name, value] : properties) {
    made_by << name << ' ';
    value.print(made_by);
    made_by << '\n';
  }
  return Xxh64::of(made_by.str(), identity_of(model));
}

std::string entry_name(std::uint64_t key) {
  char name[64];
  std::snprintf(name, sizeof(name), "openvino-%016llx.blob", static_cast<unsigned long long>(key));
  return name;
}

}  // namespace

// Never destroyed: at exit its plugins may be gone before it.
ov::Core& openvino_core() {
  static ov::Core* const core = std::make_unique<ov::Core>().release();
  return *core;
}

ModelCache::ModelCache(const EngineOptions& options) : folder_(options.cache_dir) {
  if (folder_.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw ModelError("model_cache_dir " + folder_ + ": can't be made a folder: " + error.message());
}

ov::CompiledModel ModelCache::compiled(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties) {
  if (folder_.empty()) return openvino_core().compile_model(model, "CPU", properties);
  const std::uint64_t key = key_of(model, properties);
  const std::string entry = (std::filesystem::path(folder_) / entry_name(key)).string();
  if (ov::CompiledModel kept = from_entry(entry, key, properties)) return kept;
  ov::CompiledModel made = openvino_core().compile_model(model, "CPU", properties);
  try {
    write_entry(entry, key, [&made](std::ostream& out) { made.export_model(out); });
  } catch (const std::exception& error) {
    note("model_cache_dir " + folder_ +
         ": what is made of the model can't be kept there, so it's made anew each time: " + reason_of(error));
  }
  return made;
}

// Empty: there is none that is of use.
ov::CompiledModel ModelCache::from_entry(const std::string& entry, std::uint64_t key, const ov::AnyMap& properties) {
  try {
    if (const std::optional<ov::Tensor> bytes = read_entry(entry, key)) {
      return openvino_core().import_model(*bytes, "CPU", properties);
    }
  } catch (const std::exception& error) {
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
