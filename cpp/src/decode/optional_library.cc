#include "decode/optional_library.h"

#include <dlfcn.h>

#include "core/machine_failure.h"

namespace ppinfer {

OptionalLibrary::OptionalLibrary(std::initializer_list<const char*> names, const char* need, const char* package)
    : need_(std::string(need) + " (Debian, Ubuntu: apt install " + package + "): ") {
  std::string reason, absent;
  for (const char* name : names) {
    library_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) return;
    const std::string problem = dlerror();
    const bool is_absent = problem.rfind(std::string(name) + ": cannot open", 0) == 0;
    std::string& first = is_absent ? absent : reason;
    if (first.empty()) first = problem;
  }
  throw MachineFailure(need_ + (reason.empty() ? absent : reason));
}

void* OptionalLibrary::address_of(const char* name) const { return dlsym(library_, name); }

void OptionalLibrary::fail_without(const char* name) const {
  throw MachineFailure(need_ + "the library lacks " + name);
}

}  // namespace ppinfer
