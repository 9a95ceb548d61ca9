#include "decode/optional_library.h"

#include <dlfcn.h>

#include "core/machine_failure.h"

namespace ppinfer {

OptionalLibrary::OptionalLibrary(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    library_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) {
      reason_.clear();
      return;
    }
    reason_ = dlerror();
  }
}

void* OptionalLibrary::address_of(const char* name) const {
  return library_ == nullptr ? nullptr : dlsym(library_, name);
}

void OptionalLibrary::require(const char* format, const char* library, const char* package) const {
  if (library_ != nullptr && reason_.empty()) return;
  throw MachineFailure(std::string(format) + " needs " + library + " (Debian, Ubuntu: apt install " + package +
                       "): " + reason_);
}

}  // namespace ppinfer
