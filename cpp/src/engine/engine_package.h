// The Python package that brings an engine's library, found without loading the library.
#pragma once

#include <string>

#include "ppinfer/types.h"

namespace ppinfer {

// In a Python environment, the engine's library lies beside ppinfer, in the version of its package. Elsewhere, such as
// in a C++ installation, the module knows its library's place, and both texts are empty.
struct EnginePackage {
  std::string version;  // installed beside ppinfer; empty: none, or unknown
  std::string problem;  // names the needed and the installed version, and the pip command; empty: none known
};
EnginePackage engine_package(EngineKind kind);

// What is wrong with this version of the engine's library, as in `problem`; empty: nothing known.
std::string version_problem(EngineKind kind, const std::string& found);

std::string folder_of_libppinfer();  // throws ModelError

}  // namespace ppinfer
