#include "model/int8.h"

#include "ppinfer/error.h"
#include "ppinfer/predictor.h"

namespace ppinfer {

void check_int8_cpu() {
  if (cpu_features().find("vnni") != std::string::npos) return;
  throw ModelError("precision int8: this CPU has neither avx512_vnni nor avx_vnni (it has " + cpu_features() +
                   "); set precision fp32 and take the model that isn't quantised");
}

void throw_not_quantized(const EngineOptions& options) {
  throw ModelError(options.model_path +
                   ": precision int8, but the model isn't quantised: make one that is with `ppinfer quantize`, or set "
                   "precision fp32");
}

}  // namespace ppinfer
