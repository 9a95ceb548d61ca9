#include "bindings.h"
#include "ppinfer/version.h"

PYBIND11_MODULE(_core, core) {
  core.doc() = "The C++ core, converted and nothing more. Use `ppinfer.Predictor`.";
  core.attr("__version__") = ppinfer::kVersion;
  ppinfer::bind_error(core);
  ppinfer::bind_result(core);
  ppinfer::bind_config(core);
  ppinfer::bind_image(core);
  ppinfer::bind_image_files(core);
  ppinfer::bind_decode(core);
  ppinfer::bind_model_files(core);
  ppinfer::bind_predictor(core);
  ppinfer::bind_run_summary(core);
  ppinfer::bind_run_options(core);
  ppinfer::bind_run(core);
  ppinfer::bind_postprocess(core);
  ppinfer::bind_benchmark(core);
}
