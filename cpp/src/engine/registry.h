// Finds and loads engine modules: <folder of libppinfer.so>/ppinfer_engines/libppinfer_<name>.so.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

// The module is in this build, and the engine's Python package has the module's version, as far as can be known without
// loading them.
bool engine_installed(EngineKind kind);

// Throws ModelError: no such module in this build (says which there are), or the module's library can't be loaded.
std::unique_ptr<Engine> load_engine(EngineKind kind, const EngineOptions& options);

}  // namespace ppinfer
