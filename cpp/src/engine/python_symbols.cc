#include "engine/python_symbols.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/engine_package.h"
#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

bool symbols_are_there() { return dlsym(RTLD_DEFAULT, "PyByteArray_Type") != nullptr; }

// The folder of the interpreter that a virtual environment was made from; empty when `root` is none.
fs::path home_of_venv(const fs::path& root) {
  std::ifstream file(root / "pyvenv.cfg");
  for (std::string line; std::getline(file, line);) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || line.compare(0, 4, "home") != 0) continue;
    const std::size_t start = line.find_first_not_of(" \t", equals + 1);
    if (start != std::string::npos) return line.substr(start, line.find_last_not_of(" \t\r") + 1 - start);
  }
  return {};
}

// Where libpython may lie, likeliest first. PPINFER_LIBPYTHON_NAME and _DIR come from the build: its file name and
// folder, of the Python whose paddlepaddle was linked.
std::vector<fs::path> candidates() {
  const fs::path name = PPINFER_LIBPYTHON_NAME;
  std::vector<fs::path> paths{name};  // without a folder: wherever the loader looks
  for (fs::path root = folder_of_libppinfer(); root.has_relative_path(); root = root.parent_path()) {
    const fs::path home = home_of_venv(root);
    if (!home.empty()) paths.push_back(home.parent_path() / "lib" / name);
    if (fs::exists(root / "lib" / name)) paths.push_back(root / "lib" / name);
  }
  const fs::path build_folder = PPINFER_LIBPYTHON_DIR;
  if (!build_folder.empty()) paths.push_back(build_folder / name);
  return paths;
}

}  // namespace

void ensure_python_symbols() {
  if (symbols_are_there()) return;
  std::string tried;
  for (const fs::path& path : candidates()) {
    if (!path.empty() && dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr && symbols_are_there()) return;
    tried += (tried.empty() ? "" : ", ") + path.string();
  }
  throw ModelError("engine paddle needs Python's shared library, and none of these can be loaded: " + tried +
                   "; install it (on Debian: apt install libpython3-dev), or set `engine openvino`, which needs none");
}

}  // namespace ppinfer
