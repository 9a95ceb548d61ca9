#include "engine/registry.h"

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "core/utf8_locale.h"
#include "engine/engine_package.h"
#include "engine/fork_gate.h"
#include "engine/python_symbols.h"
#include "ppinfer/error.h"
#include "ppinfer/model_files.h"
#include "ppinfer/version.h"

namespace ppinfer {
namespace {

namespace fs = std::filesystem;

constexpr EngineKind kRealEngines[] = {EngineKind::kOpenVino, EngineKind::kPaddle};

std::string name_of(EngineKind kind) {
  switch (kind) {
    case EngineKind::kOpenVino:
      return "openvino";
    case EngineKind::kPaddle:
      return "paddle";
    case EngineKind::kFake:
      return "fake";
    case EngineKind::kAuto:
      break;
  }
  throw ModelError("the engine must be chosen before a module is loaded");
}

fs::path module_path(EngineKind kind) {
  return fs::path(folder_of_libppinfer()) / "ppinfer_engines" / ("libppinfer_" + name_of(kind) + ".so");
}

bool in_this_build(EngineKind kind) { return fs::exists(module_path(kind)); }

std::string list_installed() {
  std::string names;
  for (const EngineKind kind : kRealEngines) {
    if (in_this_build(kind)) names += (names.empty() ? "" : ", ") + name_of(kind);
  }
  return names;
}

ModelError not_installed(EngineKind kind) {
  const std::string others = list_installed();
  return ModelError("engine " + name_of(kind) + " isn't in this build; " +
                    (others.empty() ? "it has none: build ppinfer where openvino or paddlepaddle is installed"
                                    : "it has: " + others));
}

const EngineModule* open_module(EngineKind kind) {
  const fs::path path = module_path(kind);
  if (!fs::exists(path)) throw not_installed(kind);
  const EnginePackage package = engine_package(kind);
  // Another version may load, and compute wrong results. A library that isn't beside ppinfer may still be found.
  if (!package.version.empty() && !package.problem.empty()) throw ModelError(package.problem);
  if (kind == EngineKind::kPaddle) ensure_python_symbols();
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const std::string reason = dlerror();
    throw ModelError(package.problem.empty() ? "engine " + name_of(kind) + " can't be loaded: " + reason
                                             : package.problem);
  }
  const auto entry = reinterpret_cast<const EngineModule* (*)()>(dlsym(library, PPINFER_ENGINE_SYMBOL));
  if (entry == nullptr) throw ModelError(path.string() + " isn't an engine module of ppinfer");
  const EngineModule* const module = entry();
  if (std::string(module->api) != kVersion) {
    throw ModelError(path.string() + " belongs to ppinfer " + module->api + ", this is " + kVersion +
                     ": install both from one build");
  }
  // A library from elsewhere than the package beside ppinfer may be of another version, too.
  const std::string problem = version_problem(kind, module->library_version());
  if (!problem.empty()) throw ModelError(problem);
  return module;
}

// Modules stay loaded: their libraries keep threads and thread-local state that can't be unloaded safely.
const EngineModule& module_of(EngineKind kind) {
  static std::mutex mutex;
  static std::map<EngineKind, const EngineModule*> modules;
  const std::lock_guard lock(mutex);
  const EngineModule*& module = modules[kind];
  if (module == nullptr) module = open_module(kind);
  return *module;
}

}  // namespace

bool engine_installed(EngineKind kind) { return in_this_build(kind) && engine_package(kind).problem.empty(); }

std::unique_ptr<Engine> load_engine(EngineKind kind, const EngineOptions& options) {
  const Utf8Locale numbers_have_points;  // engines parse models with the thread's locale
  std::unique_ptr<Engine> engine = module_of(kind).load(options);
  prepare_before(name_of(kind) + (options.threads_per_instance > 1 ? " with threads" : ""));  // which start OpenMP
  return engine;
}

std::vector<std::int64_t> write_pir_as_ir(const std::string& program_path, const std::string& params_path,
                                          const std::string& out_path) {
  EngineOptions options;
  options.model_path = program_path;
  options.params_path = params_path;
  options.format = ModelFormat::kPaddlePir;
  return module_of(EngineKind::kOpenVino).write_ir(options, out_path);
}

std::vector<EngineInfo> installed_engines() {
  std::vector<EngineInfo> engines;
  for (const EngineKind kind : kRealEngines) {
    if (!in_this_build(kind)) continue;
    const EnginePackage package = engine_package(kind);
    EngineInfo info{name_of(kind), package.problem.empty() ? package.version : "", package.problem};
    if (info.version.empty() && info.problem.empty()) {
      try {
        info.version = module_of(kind).library_version();
      } catch (const Error& error) {
        info.problem = error.what();
      }
    }
    engines.push_back(info);
  }
  return engines;
}

}  // namespace ppinfer
