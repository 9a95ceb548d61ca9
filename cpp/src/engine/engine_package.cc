#include "engine/engine_package.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "ppinfer/error.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

struct Needed {
  std::string engine, package, version;  // the versions are those that the build linked with
};

Needed needed_by(EngineKind kind) {
  if (kind == EngineKind::kOpenVino) return {"openvino", "openvino", PPINFER_OPENVINO_VERSION};
  if (kind == EngineKind::kPaddle) return {"paddle", "paddlepaddle", PPINFER_PADDLE_VERSION};
  return {};
}

// The version of a package in a site-packages folder: of `<package>-<version>.dist-info`. Empty: it isn't there.
std::string version_in(const fs::path& site, const std::string& package) {
  const std::string start = package + "-", end = ".dist-info";
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(site, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > start.size() + end.size() && name.compare(0, start.size(), start) == 0 &&
        name.compare(name.size() - end.size(), end.size(), end) == 0) {
      return name.substr(start.size(), name.size() - start.size() - end.size());
    }
  }
  return "";
}

}  // namespace

std::string folder_of_libppinfer() {
  static const char in_this_library = 0;
  Dl_info info;
  if (dladdr(&in_this_library, &info) == 0) throw ModelError("can't find the folder of libppinfer.so");
  return fs::weakly_canonical(info.dli_fname).parent_path().string();
}

std::string version_problem(EngineKind kind, const std::string& found) {
  const Needed needed = needed_by(kind);
  if (needed.version.empty() || found == needed.version) return "";
  return "engine " + needed.engine + " needs " + needed.package + " " + needed.version + " (" +
         (found.empty() ? "not installed" : "found " + found) + "): pip install 'ppinfer[" + needed.engine + "]'";
}

EnginePackage engine_package(EngineKind kind) {
  const Needed needed = needed_by(kind);
  const fs::path site = fs::path(folder_of_libppinfer()).parent_path().parent_path();  // of site-packages/ppinfer/lib
  if (needed.version.empty() || version_in(site, "ppinfer").empty()) return {};
  const std::string version = version_in(site, needed.package);
  return {version, version_problem(kind, version)};
}

}  // namespace ppinfer
