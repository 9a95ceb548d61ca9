// Where OpenVINO keeps what it makes of models, and who may use it now.
#pragma once

#include <string>

#include "engine/engine.h"

namespace ppinfer {

// Made if it isn't there; one for each kind of CPU. Throws ModelError: it can't be written.
std::string cache_folder(const EngineOptions& options);

// While it lives, no other process, and no other thread, has one of the same folder.
//
// OpenVINO maps an entry into memory, and writes it in place: to load one that another process is still writing ends
// the process (SIGBUS), or fails as the other one takes it away. Nobody writes an entry that is whole.
class CacheLock {
 public:
  explicit CacheLock(const std::string& folder);  // waits; throws ModelError: the file system has no locks
  ~CacheLock();
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;

 private:
  int file_;
};

}  // namespace ppinfer
