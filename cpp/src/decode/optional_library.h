// A codec that ppinfer doesn't bring, for its licence or its size: the user's own library, loaded with the first image
// that needs it. Its functions are declared here by hand, so that building needs no headers of it.
#pragma once

#include <initializer_list>
#include <string>

namespace ppinfer {

class OptionalLibrary {
 public:
  // Loads the first of `names` that is there, and keeps it until the process ends.
  explicit OptionalLibrary(std::initializer_list<const char*> names);

  template <class Function>
  void find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(address_of(name));
    if (function == nullptr && reason_.empty()) reason_ = std::string("it lacks ") + name;
  }
  template <class Function>
  void find_if_there(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(address_of(name));
  }

  // Throws MachineFailure unless all is there: "HEIC needs libheif (Debian, Ubuntu: apt install libheif1): REASON".
  void require(const char* format, const char* library, const char* package) const;

 private:
  void* address_of(const char* name) const;

  void* library_ = nullptr;
  std::string reason_;
};

}  // namespace ppinfer
