// A codec that ppinfer doesn't bring, for its licence or its size: the user's own library, loaded with the first image
// that needs it. Its functions are declared here by hand, so that building needs no headers of it.
#pragma once

#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>

namespace ppinfer {

class OptionalLibrary {
 public:
  // Loads the first of `names` that can be loaded, and keeps it until the process ends. Throws MachineFailure:
  // "`need` (Debian, Ubuntu: apt install PACKAGE): REASON".
  OptionalLibrary(std::initializer_list<const char*> names, const char* need, const char* package);

  template <class Function>
  void find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(address_of(name));
    if (function == nullptr) fail_without(name);
  }
  template <class Function>
  void find_if_there(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(address_of(name));
  }

 private:
  void* address_of(const char* name) const;
  [[noreturn]] void fail_without(const char* name) const;

  void* library_ = nullptr;
  std::string need_;
};

// The only `Library` of the process. One that couldn't be loaded is tried again, as memory may be there by then.
template <class Library>
const Library& loaded() {
  static std::mutex mutex;
  static std::unique_ptr<const Library> library;
  const std::lock_guard lock(mutex);
  if (library == nullptr) library = std::make_unique<const Library>();
  return *library;
}

}  // namespace ppinfer
