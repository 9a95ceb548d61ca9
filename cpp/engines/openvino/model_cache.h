// What OpenVINO makes of models, kept for the next load.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <openvino/openvino.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cache_folder.h"
#include "engine/engine.h"

namespace ppinfer {

ov::Core& openvino_core();  // one for the process

// Note [A cache of our own]
// OpenVINO has one (ov::cache_dir), which writes entries in place, maps them, and believes what it reads: to load one
// that another process is writing ends the process (SIGBUS), one with zeros in it gives wrong answers, and one of
// another user can't be read. Here an entry is whole or isn't there, is checked (2 to 3 ms for 20 MB), and is read
// without a lock, so that the folder may be read-only, such as one that root has filled for all users. Numbers are
// written and parsed as in the C locale, whatever the process's is: OpenVINO reads "0.5" as 0 where a comma is meant to
// stand (openvino#24370). Note [Who may write a model cache] says which folders are used.
class ModelCache {
 public:
  // Caches nothing if options.cache_dir is empty, or may not be used, which gives a notice. Throws ModelError:
  // options.cache_dir isn't a folder and can't be created.
  explicit ModelCache(const EngineOptions& options);

  // From the entry of this model and these properties, or else compiled, and then kept where that's possible. From any
  // thread. Throws what OpenVINO throws where it can't compile.
  ov::CompiledModel compiled(const std::shared_ptr<ov::Model>& model, const ov::AnyMap& properties);

  std::vector<std::string> notices() const;  // what couldn't be kept, and what was damaged, so far; from any thread

 private:
  ov::CompiledModel from_entry(std::uint64_t key, std::uint64_t most_bytes, const ov::AnyMap& properties);
  void note(const std::string& notice);

  std::optional<CacheFolder> folder_;
  mutable std::mutex mutex_;
  std::vector<std::string> notices_;
};

}  // namespace ppinfer
