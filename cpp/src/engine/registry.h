// Finds and loads engine modules: <folder of libppinfer.so>/ppinfer_engines/libppinfer_<name>.so.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

bool engine_installed(EngineKind kind);  // the module's file is there; nothing is loaded

// Throws ModelError: no such module in this build (says which there are), or the module's library can't be loaded.
std::unique_ptr<Engine> load_engine(EngineKind kind, const EngineOptions& options);

}  // namespace ppinfer
